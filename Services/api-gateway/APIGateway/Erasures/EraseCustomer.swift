import InternalAPI
import Logging
import Postgres
import Shared

/// Has every service erase a customer, as far as it goes now.
///
/// Customer-service comes first: from then on the customer's addresses are nobody's, and the others learn from it whom to look
/// for. Every call is repeatable, and what was learned is written down before the next service is asked, so that it may end
/// anywhere. A while after the end it is done once more, for messages that were being made in between.
struct EraseCustomer: Sendable {
    /// Until the second time: longer than any request that could still have known the customer.
    static let afterthought: Duration = .seconds(60)
    /// While something has to settle.
    private static let wait: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(15)
    private static let deadline: Duration = .seconds(20)

    let postgres: PostgresPool
    let apis: [ErasurePart: ErasureAPI]
    let logger: Logger

    /// - Returns: when it is to be looked at again; nil when there is nothing more to do.
    func callAsFunction(_ key: ErasureKey) async throws -> Duration? {
        let store = ErasureStore(orgID: key.orgID)
        let found = try await self.postgres.transaction(for: [key.orgID]) { connection in
            try connection.query(store.get(key.id)).first.map { try Erasure($0) }
        }
        guard var erasure = found else { return nil }
        guard erasure.finishedAt == nil else { return try await self.repeatOnce(&erasure) }
        var (waits, failure): (Bool, String?) = (false, nil)
        for part in ErasurePart.allCases where erasure.open.contains(part) {
            do {
                if try await self.run(part, &erasure) { erasure.times[part] = .now } else { waits = true }
            } catch {
                failure = self.note(error, of: part, erasure)
            }
            try await self.save(erasure)
        }
        erasure.lastError = failure
        erasure.failures = failure == nil ? 0 : erasure.failures + 1
        if erasure.times.count == ErasurePart.allCases.count { erasure.finishedAt = .now }
        try await self.save(erasure)
        guard erasure.finishedAt == nil else { return Self.afterthought }
        return waits && failure == nil ? Self.wait : Self.pause(afterFailures: erasure.failures)
    }

    /// Does once more what others may have undone without knowing; the state that is shown stays.
    private func repeatOnce(_ erasure: inout Erasure) async throws -> Duration? {
        for part in [ErasurePart.customers, .conversations, .messages] {
            do {
                guard try await self.run(part, &erasure) else { return Self.wait }
            } catch {
                _ = self.note(error, of: part, erasure)
                return Self.longestPause
            }
        }
        try await self.save(erasure)
        return nil
    }

    /// - Returns: whether the service has nothing of the customer any more; else something has to settle.
    private func run(_ part: ErasurePart, _ erasure: inout Erasure) async throws -> Bool {
        guard let api = self.apis[part] else { throw Problem.unavailable(part.service.rawValue) }
        let acting = Acting(orgID: erasure.orgID, actor: erasure.actor, mode: .live)
        var cursor: String?
        while true {
            try Task.checkCancellation()
            let request = ErasureRequest(
                customerIDs: erasure.customerIDs,
                conversationIDs: erasure.conversationIDs,
                marks: erasure.marks,
                before: erasure.createdAt,
                cursor: cursor
            )
            let answer = try await api.erase(request, as: acting, deadline: Self.deadline)
            erasure.learn(answer)
            let key = ErasureKey(orgID: erasure.orgID, id: erasure.id)
            try await self.postgres.run { try $0.query(DueErasures.put([key], after: DueErasures.lease)) }
            switch answer.state {
            case .goesOn(let next): cursor = next
            case .waits: return false
            case .done: return true
            }
        }
    }

    private func save(_ erasure: Erasure) async throws {
        let store = ErasureStore(orgID: erasure.orgID)
        try await self.postgres.transaction(for: [erasure.orgID]) { _ = try $0.query(store.save(erasure)) }
    }

    private func note(_ error: any Error, of part: ErasurePart, _ erasure: Erasure) -> String {
        let code = (error as? Problem)?.code ?? "internal"
        // The first of a series, then one about every ten minutes.
        if erasure.failures % 40 == 0 {
            self.logger.warning(
                "customer not erased",
                metadata: [
                    "org.id": "\(erasure.orgID)", "erasure.id": "\(erasure.id)", "service": "\(part.service.rawValue)",
                    "error": "\(error)",
                ]
            )
        }
        return "\(part.service.rawValue): \(code)"
    }

    static func pause(afterFailures failures: Int) -> Duration {
        // 2^4 seconds are longer than the longest pause.
        min(Self.longestPause, Self.wait * (1 << min(max(failures, 1) - 1, 4)))
    }
}
