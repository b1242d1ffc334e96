import Postgres
import Secrets
import Shared

/// What a batch of creates came to.
struct WrittenMessages: Sendable {
    struct StoredAnswer: Sendable {
        let fingerprint: [UInt8]
        let body: [UInt8]
    }

    /// The messages that this batch made.
    var newIDs: Set<MessageID> = []
    /// The accounts that have something to claim.
    var dueAccounts: Set<DueAccount> = []
    /// The stored answers of the keys that were taken, by organization and key.
    var answers: [IdempotencyName: StoredAnswer] = [:]

    func result(for message: PreparedMessage) -> Result<CreateAnswer, any Error> {
        if self.newIDs.contains(message.id) {
            return .success(.made(message))
        }
        guard let idempotency = message.request.idempotency,
            let answer = self.answers[IdempotencyName(orgID: message.request.orgID, key: idempotency.key)]
        else { return .failure(Problem.unavailable) }
        guard idempotency.fingerprint.matches(answer.fingerprint) else { return .failure(Problem.idempotencyKeyReused) }
        return .success(.replayed(answer.body))
    }
}

/// An idempotency key within its organization.
struct IdempotencyName: Hashable, Sendable, Comparable {
    let orgID: OrgID
    let key: String

    static func < (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID ? left.key < right.key : left.orgID < right.orgID
    }
}

/// The statements that write new messages; each takes a whole batch.
enum CreationStore {
    /// Names the operation in `idempotency_keys`.
    static let operation = "messages.create"

    /// Writes the messages whose key is free, and reads the stored answers of the others.
    static func write(
        _ messages: [PreparedMessage],
        notice: OutboxNotice,
        on connection: isolated PostgresConnection
    ) throws -> WrittenMessages {
        var firsts: [IdempotencyName: PreparedMessage] = [:]
        for message in messages {
            guard let name = message.idempotencyName, firsts[name] == nil else { continue }
            firsts[name] = message
        }
        let won: Set<IdempotencyName>
        do {
            won = try self.takeKeys(firsts, on: connection)
        } catch PostgresError.lockTimeout {
            throw Problem.idempotencyKeyInUse
        }
        let new = messages.filter { message in
            guard let name = message.idempotencyName else { return true }
            return won.contains(name) && firsts[name]?.id == message.id
        }
        let uses = Dictionary(
            messages.compactMap { message in message.idempotencyName.map { ($0, 1) } },
            uniquingKeysWith: +
        )
        let repeated = Set(uses.filter { !won.contains($0.key) || $0.value > 1 }.keys)
        var statements: [SQL] = []
        var written = WrittenMessages(newIDs: Set(new.map(\.id)))
        if !new.isEmpty {
            let rows = try Self.enterLanes(new.filter { $0.block == nil }, on: connection)
            written.dueAccounts = Set(
                rows.filter { $0.state == .ready }.map { DueAccount($0.account, Urgency($0.category)) }
            )
            statements.append(Self.insertMessages(new))
            if !rows.isEmpty { statements.append(QueueStore.insert(rows)) }
            statements.append(Self.audit(new))
            if !written.dueAccounts.isEmpty { statements.append(notice.sql(written.dueAccounts)) }
            let activities = new.compactMap(Activity.init(blockOf:))
            if !activities.isEmpty { statements.append(ActivityStore.insert(activities)) }
            // Of a blocked message too: its sender may change its mind.
            statements += new.flatMap { message in
                MailFileStore.insert(
                    message.request.message.attachments,
                    of: MessageKey(orgID: message.request.orgID, id: message.id)
                )
            }
        }
        if !repeated.isEmpty { statements.append(Self.answers(of: repeated)) }
        let results = try connection.pipeline(statements)
        if !repeated.isEmpty, let rows = results.last { written.answers = try Self.answers(in: rows) }
        return written
    }

    /// Reads what became of a batch whose commit was not confirmed.
    static func outcome(
        of messages: [PreparedMessage],
        on connection: isolated PostgresConnection
    ) throws -> WrittenMessages {
        let results = try connection.pipeline([
            """
            SELECT m.id FROM unnest(\(messages.map(\.request.orgID))::uuid[], \(messages.map(\.id))::uuid[])
                AS r (org_id, id)
              JOIN messages m ON m.org_id = r.org_id AND m.id = r.id
            """,
            Self.answers(of: Set(messages.compactMap(\.idempotencyName))),
        ])
        var written = WrittenMessages(answers: try Self.answers(in: results[1]))
        written.newIDs = Set(try results[0].map { try $0.get("id") })
        return written
    }

    /// Inserts the keys that are free, in their order, so that two batches never wait for each other in a circle.
    ///
    /// A key that another transaction is inserting is waited for, at most the transaction's `lock_timeout`.
    private static func takeKeys(
        _ firsts: [IdempotencyName: PreparedMessage],
        on connection: isolated PostgresConnection
    ) throws -> Set<IdempotencyName> {
        guard !firsts.isEmpty else { return [] }
        let entries = firsts.sorted { $0.key < $1.key }
        let sql: SQL = """
            INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
            SELECT org_id, \(Self.operation), key, fingerprint, 202, body
              FROM unnest(
                \(entries.map(\.key.orgID))::uuid[], \(entries.map(\.key.key))::text[],
                \(entries.map { ByteArray(bytes: $0.value.request.idempotency?.fingerprint.bytes ?? []) })::bytea[],
                \(entries.map { ByteArray(bytes: $0.value.body) })::bytea[]
              ) AS r (org_id, key, fingerprint, body)
            ON CONFLICT (org_id, operation, key) DO NOTHING
            RETURNING org_id, key
            """
        let rows = try connection.query(sql)
        return Set(try rows.map { IdempotencyName(orgID: try $0.get("org_id"), key: try $0.get("key")) })
    }

    static func answers(of names: Set<IdempotencyName>) -> SQL {
        """
        SELECT i.org_id, i.key, i.fingerprint, i.body
          FROM unnest(\(names.map(\.orgID))::uuid[], \(names.map(\.key))::text[]) AS r (org_id, key)
          JOIN idempotency_keys i ON i.org_id = r.org_id AND i.operation = \(Self.operation) AND i.key = r.key
        """
    }

    static func answers(in rows: [Row]) throws -> [IdempotencyName: WrittenMessages.StoredAnswer] {
        var answers: [IdempotencyName: WrittenMessages.StoredAnswer] = [:]
        for row in rows {
            answers[IdempotencyName(orgID: try row.get("org_id"), key: try row.get("key"))] = .init(
                fingerprint: try row.get("fingerprint", as: ByteArray.self).bytes,
                body: try row.get("body", as: ByteArray.self).bytes
            )
        }
        return answers
    }
}

extension PreparedMessage {
    var idempotencyName: IdempotencyName? {
        self.request.idempotency.map { IdempotencyName(orgID: self.request.orgID, key: $0.key) }
    }
}
