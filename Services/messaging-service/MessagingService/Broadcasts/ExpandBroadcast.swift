import InternalAPI
import Postgres
import Shared

/// Makes the messages of a broadcast, some recipients in a step.
///
/// A step's messages, what became of its recipients, and how far the broadcast got are one transaction: wherever a process is
/// killed, the next one goes on behind the last recipient that has its message.
struct ExpandBroadcast: Sendable {
    /// Recipients of one step.
    static let step = 1000
    /// Of one whose contents differ, and are made to see whether they can be.
    static let filledStep = 250
    /// How long a broadcast rests that could not go on.
    static let pause: Duration = .seconds(1)
    /// Why a recipient gets nothing whom another one stands for.
    static let duplicate = "is reached at the address of another recipient"

    private typealias Step = [(number: Int, prepared: PrepareRecipients.Prepared)]

    let postgres: PostgresPool
    let prepare: PrepareRecipients
    let due: DueWork
    let notice: OutboxNotice
    let replica: String

    /// Makes the messages of some steps; while one is written, the next is prepared.
    ///
    /// - Parameters:
    ///   - broadcast: as it was taken.
    ///   - steps: at most so many, and one of a broadcast that has a pace.
    /// - Throws: what a service throws that can not be asked: then it is tried again later.
    /// - Returns: how far it is, once all its recipients are dealt with.
    func callAsFunction(_ broadcast: StoredBroadcast, steps: Int) async throws -> StoredBroadcast? {
        var current = broadcast
        var step = try await self.step(after: current.counts.cursor, of: current)
        for remaining in (0..<(broadcast.pace == nil ? steps : 1)).reversed() {
            guard let last = step.last else { return current }
            async let next = remaining == 0 ? [] : self.step(after: last.number, of: broadcast)
            guard let written = try await self.write(step, of: current) else { return nil }
            (current, step) = (written, try await next)
        }
        return nil
    }

    /// Prepares the messages of the next recipients; empty when there are no more.
    private func step(after number: Int, of broadcast: StoredBroadcast) async throws -> Step {
        let isFilled = if case .filled = broadcast.content.form { true } else { false }
        let limit = min(isFilled ? Self.filledStep : Self.step, broadcast.pace?.batchSize ?? Self.step)
        let recipients = try await self.postgres.transaction(for: [broadcast.orgID]) { connection in
            try connection.query(RecipientStore.next(of: broadcast, after: number, limit: limit))
                .map { try StoredRecipient($0) }
        }
        return try await self.prepare(recipients, of: broadcast)
    }

    /// Writes all in one transaction; when that fails for a reason that lies in one of them, in halves.
    ///
    /// - Returns: how far the broadcast is now; nil where what was prepared is not wanted any more.
    private func write(_ step: Step, of broadcast: StoredBroadcast) async throws -> StoredBroadcast? {
        do {
            let written = try await self.postgres.transaction(
                for: [broadcast.orgID],
                lockTimeout: .seconds(5),
                plans: .kept
            ) { connection in
                try self.write(step, of: broadcast, on: connection)
            }
            guard let written else { return nil }
            self.due.add(written.due)
            return written.broadcast
        } catch let error as PostgresError where error.liesInARow {
            guard step.count > 1 else {
                let refused = step.map {
                    (number: $0.number, prepared: PrepareRecipients.Prepared.refused("can not be stored"))
                }
                return try await self.write(refused, of: broadcast)
            }
            let middle = step.count / 2
            guard let half = try await self.write(Array(step[..<middle]), of: broadcast) else { return nil }
            return try await self.write(Array(step[middle...]), of: half)
        }
    }

    /// - Returns: nil of one that is paused, cancelled, or in other hands.
    private func write(
        _ step: Step,
        of broadcast: StoredBroadcast,
        on connection: isolated PostgresConnection
    ) throws -> (broadcast: StoredBroadcast, due: Set<DueAccount>)? {
        guard let row = try connection.query(BroadcastStore.hold(broadcast, by: self.replica)).first else { return nil }
        var current = try StoredBroadcast(row)
        let taken = try self.taken(step, in: broadcast, on: connection)
        var (messages, outcomes): ([PreparedMessage], [RecipientOutcome]) = ([], [])
        for (number, prepared) in step {
            switch prepared {
            case .message(let message, true) where taken.contains(message.address.value):
                outcomes.append(RecipientOutcome(number: number, refusal: Self.duplicate))
            case .message(let message, let isCustomers):
                messages.append(message)
                let address = isCustomers ? message.address.value : nil
                outcomes.append(RecipientOutcome(number: number, address: address, messageID: message.id))
            case .refused(let reason):
                outcomes.append(RecipientOutcome(number: number, refusal: reason))
            }
        }
        let written =
            messages.isEmpty
            ? WrittenMessages() : try CreationStore.write(messages, notice: self.notice, on: connection)
        current.counts.cursor = step.last?.number ?? current.counts.cursor
        current.counts.messages += messages.count
        current.counts.refused += outcomes.count { $0.refusal != nil }
        try connection.pipeline([
            RecipientStore.save(outcomes, of: broadcast),
            BroadcastStore.advance(current, nextStep: broadcast.pace?.interval ?? .zero),
        ])
        return (current, written.dueAccounts)
    }

    /// Which customers are reached at an address that stands there as another recipient's.
    private func taken(
        _ step: Step,
        in broadcast: StoredBroadcast,
        on connection: isolated PostgresConnection
    ) throws -> Set<String> {
        let addresses = step.compactMap { entry -> String? in
            if case .message(let message, true) = entry.prepared { message.address.value } else { nil }
        }
        guard !addresses.isEmpty else { return [] }
        return Set(try connection.query(RecipientStore.taken(addresses, in: broadcast)).map { try $0.get("address") })
    }
}

extension PostgresError {
    /// Whether the same statements with fewer rows could succeed.
    fileprivate var liesInARow: Bool {
        switch self {
        case .uniqueViolation, .checkViolation, .foreignKeyViolation, .notNullViolation: true
        // Data that can not be stored; all others are about the server itself.
        case .server(let sqlState, _): sqlState.hasPrefix("22")
        case .connectionLost, .commitUnknown, .poolExhausted, .unavailable, .statementTimeout, .serializationFailure,
            .lockTimeout, .decoding:
            false
        }
    }
}
