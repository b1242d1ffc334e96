import Foundation
import Logging
import MessagingService
import Postgres
import Shared
import TestSupport

/// Messages of any age on the test's database, written past the engine.
struct RetentionFixture: Sendable {
    let orgID = OrgID.new()
    let accountID = AccountID.new()
    let postgres: PostgresPool
    let engine: PostgresPool

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
        self.engine = PostgresPool(try .test(url: TestDatabase.url(as: "messaging_engine")), logger: .quiet)
    }

    func sweep(archive: ArchiveDirectory? = nil, clock: any Clock<Duration> = .continuous) -> RetainMessages {
        RetainMessages(
            engine: self.engine,
            postgres: self.postgres,
            archive: archive,
            clock: clock,
            logger: .quiet
        )
    }

    /// The store of the one organization that has a limit.
    func store() async throws -> RetentionStore {
        let limits = try await self.engine.run { connection in try RetentionStore.limits(on: connection) }
        guard let limit = limits.first, limits.count == 1 else { throw MissingLimit() }
        return RetentionStore(limit)
    }

    private struct MissingLimit: Error {}

    func limit(_ days: Int?, _ action: OrgSettings.RetentionAction = .remove, of orgID: OrgID? = nil) async throws {
        let orgID = orgID ?? self.orgID
        try await self.run(
            """
            INSERT INTO org_settings (org_id, retention_days, retention_action) VALUES (\(orgID), \(days), \(action.rawValue))
            ON CONFLICT (org_id) DO UPDATE SET
                retention_days = EXCLUDED.retention_days, retention_action = EXCLUDED.retention_action
            """,
            of: orgID
        )
    }

    /// Adds messages that were made `age` days ago and last changed `changed` days ago, which is `age` by default.
    @discardableResult
    func add(
        _ count: Int = 1,
        age: Int,
        changed: Int? = nil,
        status: MessageStatus = .delivered,
        of orgID: OrgID? = nil
    ) async throws -> [MessageID] {
        let orgID = orgID ?? self.orgID
        let (made, changed) = (Self.daysAgo(age), Self.daysAgo(changed ?? age))
        let ids = (0..<count).map { MessageID.new(at: made + .milliseconds($0)) }
        try await self.run(
            """
            WITH account AS (
                INSERT INTO channel_accounts (org_id, id, channel, provider, name, credentials, settings, is_default)
                VALUES (\(orgID), \(self.accountID), 'sandbox', 'sandbox', 'sandbox', '', '{}', true)
                ON CONFLICT DO NOTHING)
            INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
                                  content, retry_delays, on_uncertain, created_at, updated_at)
            SELECT \(orgID), id, 'sandbox', 'transactional', \(status)::message_status, '+15550000001', gen_random_uuid(),
                   gen_random_uuid(), \(self.accountID), '{"body":"Grüße"}', '{}', 'hold', \(made), \(changed)
              FROM unnest(\(ids)::uuid[]) AS id
            """,
            of: orgID
        )
        return ids
    }

    /// A person has yet to decide about it: it is in the outbox, and so unfinished.
    func hold(_ id: MessageID) async throws {
        try await self.run(
            """
            INSERT INTO outbox (org_id, message_id, account_id, conversation_id, channel, class, due_at, state)
            SELECT org_id, id, account_id, conversation_id, channel, 1, 'infinity', 'held'
              FROM messages WHERE org_id = \(self.orgID) AND id = \(id)
            """
        )
    }

    /// Gives messages an attempt and a report, and a place among those that failed.
    func addHistory(to ids: [MessageID]) async throws {
        try await self.run(
            """
            WITH attempt AS (
                INSERT INTO attempts (org_id, message_id, number, account_id, state, worker, provider_message_id)
                SELECT \(self.orgID), id, 1, \(self.accountID), 'delivered', 'worker-1', 'provider-' || id::text
                  FROM unnest(\(ids)::uuid[]) AS id
            ), failure AS (
                INSERT INTO dead_letters (org_id, message_id, account_id, failed_at)
                SELECT \(self.orgID), id, \(self.accountID), now() FROM unnest(\(ids)::uuid[]) AS id
            )
            SELECT 1
            """
        )
        for id in ids { try await self.addReport("delivered", to: id) }
    }

    func addReport(_ key: String, to id: MessageID) async throws {
        try await self.run(
            """
            INSERT INTO provider_events (org_id, account_id, event_key, message_id, attempt, report, effect, effect_detail)
            VALUES (\(self.orgID), \(self.accountID), \("\(id):\(key)"), \(id), 1, '{"status":"delivered"}', 'applied',
                    'delivered')
            """
        )
    }

    /// A broadcast with one recipient that was last changed `age` days ago, and of which these messages were made.
    func addBroadcast(of messages: [MessageID], age: Int, state: String = "done") async throws -> ID<Broadcast> {
        let id = ID<Broadcast>.new()
        try await self.run(
            """
            WITH broadcast AS (
                INSERT INTO broadcasts (org_id, id, name, channel, category, account_id, content, names_template, on_uncertain,
                                        state, actor, mode, recipients, is_gathered, next_step_at, updated_at)
                VALUES (\(self.orgID), \(id), 'x', 'sandbox', 'marketing', \(self.accountID), '{}', false, 'hold',
                        \(state)::broadcast_state, 'a', 'live', 1, true, now(), \(Self.daysAgo(age)))
            )
            UPDATE messages SET broadcast_id = \(id) WHERE org_id = \(self.orgID) AND id = ANY (\(messages)::uuid[])
            """
        )
        try await self.run(
            """
            INSERT INTO broadcast_recipients (org_id, broadcast_id, number, address)
            VALUES (\(self.orgID), \(id), 1, '+15550000001')
            """
        )
        return id
    }

    func broadcasts() async throws -> Set<ID<Broadcast>> {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            Set(try connection.query("SELECT id FROM broadcasts").map { try $0.get("id") })
        }
    }

    /// The messages that are left, the oldest first.
    func left(of orgID: OrgID? = nil) async throws -> [MessageID] {
        let orgID = orgID ?? self.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query("SELECT id FROM messages WHERE org_id = \(orgID) ORDER BY id").map { try $0.get("id") }
        }
    }

    func count(_ sql: SQL) async throws -> Int {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query(sql).first?.get("count") ?? 0
        }
    }

    func run(_ sql: SQL, of orgID: OrgID? = nil) async throws {
        try await self.postgres.transaction(for: [orgID ?? self.orgID]) { connection in _ = try connection.query(sql) }
    }

    private static func daysAgo(_ days: Int) -> Timestamp { Timestamp.now - .seconds(days * 86_400) }
}

/// An empty directory for the length of `body`.
func withArchive<Result: Sendable>(_ body: (ArchiveDirectory, URL) async throws -> Result) async throws -> Result {
    let url = FileManager.default.temporaryDirectory.appending(path: "archive-\(UUID())")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(try ArchiveDirectory(path: url.path()), url)
}

/// The files of an archive, hidden ones included, by their paths in it.
func files(in archive: URL) throws -> [String] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: archive.path())
    return paths.filter { path in
        var isFolder: ObjCBool = false
        let full = archive.appending(path: path).path()
        return unsafe FileManager.default.fileExists(atPath: full, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
}

/// What `gzip` makes of a file, line by line.
func lines(of file: URL) throws -> [JSONValue] {
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", file.path()]
    let output = Pipe()
    gzip.standardOutput = output
    try gzip.run()
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    gzip.waitUntilExit()
    return try text.split(separator: UInt8(ascii: "\n")).map { try JSONValue(parsing: Array($0)) }
}
