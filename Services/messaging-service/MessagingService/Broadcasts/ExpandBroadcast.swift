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

    let postgres: PostgresPool
    let prepare: PrepareRecipients
    let due: DueWork
    let notice: OutboxNotice
    let replica: String

    /// - Returns: whether all its recipients are dealt with.
    func callAsFunction(_ broadcast: StoredBroadcast) async throws -> Bool {
        let recipients = try await self.next(of: broadcast)
        guard !recipients.isEmpty else { return true }
        let prepared = try await self.prepare(recipients, of: broadcast)
        try await self.write(prepared, of: broadcast)
        return false
    }

    private func next(of broadcast: StoredBroadcast) async throws -> [StoredRecipient] {
        let isFilled = if case .filled = broadcast.content.form { true } else { false }
        let step = min(isFilled ? Self.filledStep : Self.step, broadcast.pace?.batchSize ?? Self.step)
        return try await self.postgres.transaction(for: [broadcast.orgID]) { connection in
            try connection.query(RecipientStore.next(of: broadcast, after: broadcast.counts.cursor, limit: step))
                .map { try StoredRecipient($0) }
        }
    }

    /// Writes all in one transaction; when that fails for a reason that lies in one of them, in halves.
    private func write(
        _ prepared: [(number: Int, prepared: PrepareRecipients.Prepared)],
        of broadcast: StoredBroadcast
    ) async throws {
        do {
            let due = try await self.postgres.transaction(for: [broadcast.orgID], lockTimeout: .seconds(5)) {
                connection in
                try self.write(prepared, of: broadcast, on: connection)
            }
            self.due.add(due)
        } catch let error as PostgresError where error.liesInARow {
            guard prepared.count > 1 else {
                let refused = prepared.map {
                    (number: $0.number, prepared: PrepareRecipients.Prepared.refused("can not be stored"))
                }
                return try await self.write(refused, of: broadcast)
            }
            let middle = prepared.count / 2
            try await self.write(Array(prepared[..<middle]), of: broadcast)
            guard let last = prepared[..<middle].last else { return }
            var rest = broadcast
            rest.counts = try await self.counts(of: broadcast)
            guard rest.counts.cursor == last.number else { return }
            try await self.write(Array(prepared[middle...]), of: rest)
        }
    }

    private func counts(of broadcast: StoredBroadcast) async throws -> StoredBroadcast.Counts {
        try await self.postgres.transaction(for: [broadcast.orgID]) { connection in
            let row = try connection.query(BroadcastStore.find(broadcast.id, of: broadcast.orgID)).first
            return try row.map { try StoredBroadcast($0).counts } ?? broadcast.counts
        }
    }

    private func write(
        _ prepared: [(number: Int, prepared: PrepareRecipients.Prepared)],
        of broadcast: StoredBroadcast,
        on connection: isolated PostgresConnection
    ) throws -> Set<DueAccount> {
        // Paused, cancelled, or in other hands: what was prepared is not wanted.
        guard let row = try connection.query(BroadcastStore.hold(broadcast, by: self.replica)).first else { return [] }
        var current = try StoredBroadcast(row)
        let taken = try self.taken(prepared, in: broadcast, on: connection)
        var (messages, outcomes): ([PreparedMessage], [RecipientOutcome]) = ([], [])
        for (number, prepared) in prepared {
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
        current.counts.cursor = prepared.last?.number ?? current.counts.cursor
        current.counts.messages += messages.count
        current.counts.refused += outcomes.count { $0.refusal != nil }
        try connection.pipeline([
            RecipientStore.save(outcomes, of: broadcast),
            BroadcastStore.advance(current, nextStep: broadcast.pace?.interval ?? .zero),
        ])
        return written.dueAccounts
    }

    /// Which customers are reached at an address that stands there as another recipient's.
    private func taken(
        _ prepared: [(number: Int, prepared: PrepareRecipients.Prepared)],
        in broadcast: StoredBroadcast,
        on connection: isolated PostgresConnection
    ) throws -> Set<String> {
        let addresses = prepared.compactMap { entry -> String? in
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
