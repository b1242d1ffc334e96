import Foundation
import Installation
import MessagingService
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

extension Engine {
    /// The newest migrations of messaging's database, applied while creates go on.
    @Suite struct UpgradeTests {
        /// In each of the tables that grow.
        private static let rows = TestForm.value(short: 5000, long: 1_000_000)
        /// The release that is there already; `HERALD_DRILL_AFTER` names another.
        private static let after =
            ProcessInfo.processInfo.environment["HERALD_DRILL_AFTER"].flatMap { Int($0) }
            ?? (MessagingMigrations.all.last?.version ?? 0) - 3
        private static let longestStall: Duration = .milliseconds(250)
        private static let clients = 4

        @Test(.timeLimit(.minutes(20)))
        func createsGoOnWhileTheSchemaIsBroughtUpToDate() async throws {
            let before = MessagingMigrations.all.filter { $0.version <= Self.after }
            let spec = DatabaseSpec(
                migrations: before,
                role: "messaging",
                extraRoles: ["messaging_engine", TestServer.owner]
            )
            try await withDatabases([spec]) { databases in
                let ownerURL = databases[TestServer.owner] ?? ""
                let load = try UpgradeLoad(url: databases["messaging"] ?? "", clients: Self.clients)
                try await load.fill(Self.rows, ownerURL: ownerURL)
                let (usual, worst) = (Stalls(), Stalls())
                try await load.run(usual) { try await pause(.seconds(2)) }
                let took = ContinuousClock.now
                try await load.run(worst) {
                    try await Migrations.run(
                        MessagingMigrations.all,
                        ownerURL: ownerURL,
                        logger: .quiet
                    )
                }
                print(
                    "upgrade: \(MessagingMigrations.all.count - before.count) migrations after \(Self.after) on",
                    "\(Self.rows) rows took \(Duration?.some(took.duration(to: .now)).text);",
                    "\(worst.count) creates meanwhile, failed \(worst.failures), the slowest",
                    "\(Duration?.some(worst.longest).text) (\(Duration?.some(usual.longest).text) before)"
                )
                #expect(worst.failures == 0)
                // A debug build beside other tests is no measure.
                if TestForm.isLong { #expect(worst.longest < Self.longestStall) }
            }
        }
    }
}

/// Creates as messaging-service makes them, by the statements that each release has had: the programs of another one are not here.
private struct UpgradeLoad: Sendable {
    private let postgres: PostgresPool
    private let clients: Int
    private let orgID = OrgID.new()
    private let accountID = AccountID.new()

    init(url: String, clients: Int) throws {
        self.postgres = PostgresPool(
            try PostgresConfig(url: url, poolSize: clients, statementTimeout: .seconds(60)),
            logger: .quiet
        )
        self.clients = clients
    }

    /// Fills what grows with a history of its own.
    func fill(_ rows: Int, ownerURL: String) async throws {
        let owner = try await PostgresConnection(ownerURL)
        let tables = ["channel_accounts", "messages", "attempts", "audit_events", "provider_events"]
        try await owner.execute(script: tables.map { "ALTER TABLE \($0) NO FORCE ROW LEVEL SECURITY;" }.joined())
        _ = try await owner.query(
            """
            INSERT INTO channel_accounts (org_id, id, channel, provider, name, credentials, settings, is_default)
            VALUES (\(self.orgID), \(self.accountID), 'sandbox', 'sandbox', 'main', '', '{}', true)
            """
        )
        _ = try await owner.query(
            """
            INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
                                  content, retry_delays, on_uncertain, created_at, updated_at)
            SELECT \(self.orgID), gen_random_uuid(), 'sandbox', 'transactional', 'sent', '+15550000001', gen_random_uuid(),
                   gen_random_uuid(), \(self.accountID), '{"body": "x"}', '{}', 'hold', now(), now()
              FROM generate_series(1, \(rows)::int)
            """
        )
        for statement: SQL in [
            """
            INSERT INTO attempts (org_id, message_id, number, account_id, state)
            SELECT org_id, id, 1, account_id, 'sent' FROM messages
            """,
            """
            INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id)
            SELECT org_id, gen_random_uuid(), 'engine', 'CREATED', 'message', id FROM messages
            """,
            """
            INSERT INTO provider_events (org_id, account_id, event_key, message_id, report, effect)
            SELECT org_id, account_id, id::text, id, '{}', 'applied' FROM messages
            """,
        ] { _ = try await owner.query(statement) }
        try await owner.execute(script: tables.map { "ALTER TABLE \($0) FORCE ROW LEVEL SECURITY;" }.joined())
        await owner.close()
    }

    /// Creates without a pause until `work` is done.
    func run(_ stalls: Stalls, while work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<self.clients {
                tasks.addTask {
                    while !Task.isCancelled {
                        let start = ContinuousClock.now
                        do {
                            try await self.create()
                            stalls.add(start.duration(to: .now))
                        } catch {
                            if !Task.isCancelled { stalls.fail() }
                        }
                    }
                }
            }
            try await work()
            tasks.cancelAll()
        }
    }

    private func create() async throws {
        let (orgID, accountID, id) = (self.orgID, self.accountID, MessageID.new())
        try await self.postgres.transaction(for: [orgID]) { connection in
            _ = try connection.pipeline([
                """
                INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id,
                                      account_id, content, retry_delays, on_uncertain, created_at, updated_at)
                VALUES (\(orgID), \(id), 'sandbox', 'transactional', 'queued', '+15550000001', \(UUID()), \(UUID()),
                        \(accountID), '{"body": "x"}', '{}', 'hold', now(), now())
                """,
                """
                INSERT INTO outbox (org_id, message_id, account_id, class, due_at, state, conversation_id, channel)
                VALUES (\(orgID), \(id), \(accountID), 1, now(), 'scheduled', \(UUID()), 'sandbox')
                """,
                """
                INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id)
                VALUES (\(orgID), \(UUID()), 'key:x', 'CREATED', 'message', \(id))
                """,
            ])
        }
    }
}

/// How long creates took.
private final class Stalls: Sendable {
    private let state = Mutex((count: 0, failures: 0, longest: Duration.zero))

    var count: Int { self.state.withLock { $0.count } }
    var failures: Int { self.state.withLock { $0.failures } }
    var longest: Duration { self.state.withLock { $0.longest } }

    func add(_ duration: Duration) {
        self.state.withLock { state in
            state.count += 1
            state.longest = max(state.longest, duration)
        }
    }

    func fail() { self.state.withLock { $0.failures += 1 } }
}
