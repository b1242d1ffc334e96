package import Logging
package import Postgres
package import Shared
import Synchronization

/// Changes messages one by one under their locks, a whole batch in one transaction: what people and time do to them.
package struct ChangeMessages: Sendable {
    package typealias Change = @Sendable (inout Settlement, Timestamp) throws(ActRefusal) -> Void

    /// Messages in one transaction, so that none is long.
    package static let batch = 500
    /// What an act or the time makes of a message for good.
    private static let ends: Set<MessageStatus> = [.skipped, .cancelled, .expired]

    let postgres: PostgresPool
    let due: DueWork
    let logger: Logger
    private let metrics = DeliveryMetrics()

    package init(postgres: PostgresPool, due: DueWork, logger: Logger) {
        self.postgres = postgres
        self.due = due
        self.logger = logger
    }

    package enum Effect: Sendable, Equatable {
        case changed(MessageStatus)
        case refused(ActRefusal)
        case unknown
    }

    /// - Parameters:
    ///   - keys: at most `batch`.
    ///   - act: who does it, for the audit trail; nil for the engine itself.
    ///   - change: gets the time by the organization's clock.
    /// - Throws: what the database throws.
    /// - Returns: one effect for each key, in their order.
    @discardableResult
    package func callAsFunction(
        _ keys: [MessageKey],
        as act: Act? = nil,
        _ change: @escaping Change
    ) async throws -> [Effect] {
        guard !keys.isEmpty else { return [] }
        let dueAccounts = Mutex(Set<DueAccount>())
        let effects = try await self.postgres.answers(to: keys, orgID: \.orgID) { keys, connection in
            var messages = try SettlementStore.lock(Set(keys).sorted(), on: connection)
            let effects = keys.map { messages.change($0, change) }
            let due = try SettlementStore.save(messages, act: act, on: connection)
            dueAccounts.withLock { $0.formUnion(due) }
            return effects
        }
        self.due.add(dueAccounts.withLock { $0 })
        for case .changed(let status) in effects where Self.ends.contains(status) { self.metrics.changed(to: status) }
        return effects
    }
}

extension ChangeMessages {
    /// The same, so that one message that can not be changed keeps no other from it.
    ///
    /// - Throws: what passes by itself; a fault of one message is logged.
    func eachThatCan(_ keys: [MessageKey], _ change: @escaping Change) async throws {
        do {
            try await self(keys, change)
        } catch {
            guard !((error as? any Unavailability)?.isTemporary ?? false), !(error is CancellationError) else {
                throw error
            }
            guard keys.count > 1 else {
                for key in keys {
                    self.logger.error(
                        "message can not be changed",
                        metadata: [
                            "org.id": "\(key.orgID)", "message.id": "\(key.id)",
                            "error": "\(String(reflecting: error))",
                        ]
                    )
                }
                return
            }
            let middle = keys.count / 2
            try await self.eachThatCan(Array(keys[..<middle]), change)
            try await self.eachThatCan(Array(keys[middle...]), change)
        }
    }
}

extension LockedMessages {
    mutating func change(_ key: MessageKey, _ change: ChangeMessages.Change) -> ChangeMessages.Effect {
        guard var settlement = self.settlements[key] else { return .unknown }
        do {
            try change(&settlement, self.clock.now(of: key.orgID))
        } catch {
            return .refused(error)
        }
        self.settlements[key] = settlement
        return .changed(settlement.status)
    }
}
