import Foundation
import Postgres
import Shared
import TestSupport
import Testing

let notes = Migration(
    1,
    "notes",
    Array(
        """
        CREATE TABLE notes (org_id uuid NOT NULL, id int NOT NULL, CONSTRAINT notes_pkey PRIMARY KEY (org_id, id));
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE notes FORCE ROW LEVEL SECURITY;
        CREATE POLICY organizations ON notes TO postgres_tests
            USING (org_id = ANY ((SELECT current_setting('app.org_ids')::uuid[])::uuid[]))
            WITH CHECK (org_id = ANY ((SELECT current_setting('app.org_ids')::uuid[])::uuid[]));
        GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO postgres_tests;
        """.utf8
    )
)

@Suite(.database(migrations: [notes], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct TransactionTests {
    let connection = TestDatabase.connection
    let orgs = (0..<3).map { _ in OrgID.new() }

    private func insert(_ orgID: OrgID) async throws {
        try await self.connection.transaction(for: [orgID]) { connection in
            try connection.query("INSERT INTO notes VALUES (\(orgID), 1)")
        }
    }

    private func organizations(visibleTo orgs: [OrgID]) async throws -> [OrgID] {
        try await self.connection.transaction(for: orgs) { connection in
            try connection.query("SELECT org_id FROM notes ORDER BY org_id").map { try $0.get("org_id") }
        }
    }

    @Test func onlyTheRowsOfTheNamedOrganizationsAreSeen() async throws {
        for org in self.orgs { try await self.insert(org) }
        #expect(try await self.organizations(visibleTo: [self.orgs[1]]) == [self.orgs[1]])
        #expect(try await self.organizations(visibleTo: Array(self.orgs[..<2])) == self.orgs[..<2].sorted())
        #expect(try await self.organizations(visibleTo: [OrgID.new()]) == [])
    }

    @Test func withoutAnOrganizationATenantTableIsAnErrorBeforeAndAfterATransaction() async throws {
        let read: SQL = "SELECT * FROM notes"
        await #expect(throws: PostgresError.self) { try await self.connection.query(read) }
        try await self.insert(self.orgs[0])
        await #expect(throws: PostgresError.self) { try await self.connection.query(read) }
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction { connection in try connection.query(read) }
        }
    }

    @Test func aRowOfAnotherOrganizationIsRefused() async throws {
        let (mine, other) = (self.orgs[0], self.orgs[1])
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction(for: [mine]) { connection in
                try connection.query("INSERT INTO notes VALUES (\(other), 1)")
            }
        }
    }

    @Test func theScopeCanBeNarrowedOnTheWay() async throws {
        for org in self.orgs { try await self.insert(org) }
        let (all, one) = (self.orgs, self.orgs[2])
        let counts = try await self.connection.transaction(for: all) { connection in
            let before = try connection.query("SELECT 1 FROM notes").count
            try connection.scope([one])
            let after = try connection.query("SELECT 1 FROM notes").count
            try connection.scope([])
            return [before, after, try connection.query("SELECT 1 FROM notes").count]
        }
        #expect(counts == [3, 1, 0])
    }

    @Test func whatABodyThrowsUndoesItAndIsThrown() async throws {
        struct Failure: Error {}
        let org = self.orgs[0]
        await #expect(throws: Failure.self) {
            try await self.connection.transaction(for: [org]) { connection in
                try connection.query("INSERT INTO notes VALUES (\(org), 1)")
                throw Failure()
            }
        }
        #expect(try await self.organizations(visibleTo: [org]) == [])
    }

    @Test func aTransactionInsideAnotherIsRefused() async throws {
        let expected = PostgresError.server(sqlState: "25001", message: "A transaction is already open.")
        await #expect(throws: expected) {
            try await self.connection.transaction { connection in
                try connection.transaction { connection in _ = try connection.query("SELECT 1") }
            }
        }
        try await self.connection.transaction { connection in _ = try connection.query("SELECT 1") }
    }

    @Test func aTransactionWithoutStatementsIsOver() async throws {
        #expect(try await self.connection.transaction { _ in 5 } == 5)
        await #expect(throws: CancellationError.self) {
            try await self.connection.transaction { _ in throw CancellationError() }
        }
        try await self.connection.transaction { connection in _ = try connection.query("SELECT 1") }
    }

    /// It goes with the statement that begins the transaction, of whatever kind that is.
    @Test(arguments: [false, true]) func whatBeginsATransactionIsUndoneWithIt(isScript: Bool) async throws {
        let (connection, org) = (self.connection, self.orgs[0])
        await #expect(throws: CancellationError.self) {
            try await connection.transaction(for: [org], lockTimeout: .seconds(1), plans: .kept) { connection in
                if isScript {
                    try connection.execute(
                        script: "INSERT INTO notes SELECT (current_setting('app.org_ids')::uuid[])[1], 1"
                    )
                } else {
                    try connection.query("INSERT INTO notes VALUES (\(org), 1)")
                }
                let rows = try connection.query("SELECT current_setting('lock_timeout') AS timeout")
                #expect(try rows[0].get("timeout") == "1s")
                throw CancellationError()
            }
        }
        #expect(try await self.organizations(visibleTo: [org]).isEmpty)
        let rows = try await connection.query("SELECT current_setting('lock_timeout') AS timeout")
        #expect(try rows[0].get("timeout") == "0")
    }

    /// Of a script the server reads all before it begins with any.
    @Test(arguments: ["SELECT 1 / 0", "NO SUCH STATEMENT"], [false, true])
    func aStatementThatFailsAsItBeginsFailsTheTransaction(script: String, goesOn: Bool) async throws {
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction { connection in
                try? connection.execute(script: script)
                if goesOn { _ = try? connection.query("SELECT 2") }
            }
        }
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction { connection in _ = try? connection.query("SELECT 1 / 0") }
        }
        try await self.connection.query("SELECT 1")
    }

    @Test func aConstraintThatFailsAtCommitIsNamed() async throws {
        try await self.connection.execute(
            script: "CREATE TEMP TABLE t (n int CONSTRAINT n_taken UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )
        await #expect(throws: PostgresError.uniqueViolation(constraint: "n_taken")) {
            try await self.connection.transaction { connection in
                try connection.query("INSERT INTO t VALUES (1), (1)")
            }
        }
        try await self.connection.query("SELECT 1")
    }

    /// Whether the server committed, only a look at the database tells.
    @Test(arguments: [(Proxy.Behaviour.cutBeforeCommit, 0), (.cutAfterCommit, 1)])
    func aConnectionLostInCommitLeavesTheOutcomeUnknown(behaviour: Proxy.Behaviour, count: Int) async throws {
        let proxy = try await Proxy()
        let pool = PostgresPool(try PostgresConfig(url: proxy.url), logger: .quiet)
        try await pool.ping()
        proxy.behave(behaviour)
        let org = self.orgs[0]
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction(for: [org]) { connection in
                try connection.query("INSERT INTO notes VALUES (\(org), 1)")
            }
        }
        guard case .commitUnknown = error else {
            Issue.record("expected commitUnknown, got \(String(describing: error))")
            return
        }
        // It was not done again either.
        #expect(try await self.organizations(visibleTo: [org]).count == count)
        proxy.behave(.pass)
        try await pool.ping()
    }

    @Test func aConnectionLostInTheBodyIsNoUnknownCommit() async throws {
        let pool = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
        let error = await #expect(throws: PostgresError.self) {
            try await pool.transaction(for: []) { connection in
                _ = try? connection.query("SELECT pg_terminate_backend(pg_backend_pid())")
            }
        }
        guard case .connectionLost = error else {
            Issue.record("expected connectionLost, got \(String(describing: error))")
            return
        }
    }

    /// What is thrown after it undoes nothing, and what comes after it is refused.
    @Test(arguments: [false, true]) func theLastStatementsTakeTheCommitWithThem(areFirst: Bool) async throws {
        let org = self.orgs[0]
        for id in [1, 3] {
            await #expect(throws: CancellationError.self) {
                try await self.connection.transaction(for: [org], plans: .kept) { connection in
                    if !areFirst { try connection.query("INSERT INTO notes VALUES (\(org), \(id))") }
                    connection.concludeWithNext()
                    let results = try connection.pipeline([
                        "INSERT INTO notes VALUES (\(org), \(id + 1))", "SELECT id FROM notes ORDER BY id DESC LIMIT 1",
                    ])
                    #expect(results.count == 2)
                    #expect(try results[1][0].get("id") == id + 1)
                    let refusal = PostgresError.server(
                        sqlState: "25P01",
                        message: "The transaction has been committed."
                    )
                    #expect(throws: refusal) { try connection.query("SELECT 1") }
                    #expect(throws: refusal) { try connection.scope([]) }
                    throw CancellationError()
                }
            }
        }
        #expect(try await self.organizations(visibleTo: [org]).count == (areFirst ? 2 : 4))
        try await self.connection.query("SELECT 1")
    }

    @Test func withoutANextStatementATransactionIsCommittedAtItsEnd() async throws {
        let org = self.orgs[0]
        try await self.connection.transaction(for: [org]) { connection in
            try connection.query("INSERT INTO notes VALUES (\(org), 1)")
            connection.concludeWithNext()
        }
        #expect(try await self.organizations(visibleTo: [org]) == [org])
        try await self.connection.run { connection in
            connection.concludeWithNext()
            for _ in 0..<2 { try connection.query("SELECT 1") }
        }
    }

    @Test(arguments: [false, true]) func lastStatementsThatFailUndoTheTransaction(isSwallowed: Bool) async throws {
        let org = self.orgs[0]
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction(for: [org]) { connection in
                connection.concludeWithNext()
                do {
                    try connection.pipeline(["INSERT INTO notes VALUES (\(org), 1)", "SELECT 1 / 0"])
                } catch  where isSwallowed {
                    _ = try? connection.query("INSERT INTO notes VALUES (\(org), 2)")
                }
            }
        }
        #expect(try await self.organizations(visibleTo: [org]).isEmpty)
    }

    @Test func aConstraintThatFailsAtAConcludingCommitIsNamed() async throws {
        try await self.connection.execute(
            script: "CREATE TEMP TABLE t (n int CONSTRAINT n_taken UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )
        await #expect(throws: PostgresError.uniqueViolation(constraint: "n_taken")) {
            try await self.connection.transaction { connection in
                connection.concludeWithNext()
                try connection.query("INSERT INTO t VALUES (1), (1)")
            }
        }
        try await self.connection.query("SELECT 1")
    }

    /// What was lost before BEGIN was answered goes over another connection; of what was lost later nothing says what became.
    @Test(arguments: [
        (Proxy.Behaviour.cutBeforeBegin, nil), (.cutBeforeCommit, 1), (.cutAfterCommit, 2),
    ])
    func aConnectionLostInAConcludingCommitIsReplacedOnlyWhereNothingWasAnswered(
        behaviour: Proxy.Behaviour,
        count: Int?
    ) async throws {
        let (proxy, org) = (try await Proxy(), self.orgs[0])
        let pool = PostgresPool(try PostgresConfig(url: proxy.url), logger: .quiet)
        let insert: @Sendable (Int) async throws -> Void = { id in
            try await pool.transaction(for: [org]) { connection in
                if behaviour != .cutBeforeBegin { try connection.query("SELECT 1") }
                connection.concludeWithNext()
                try connection.query("INSERT INTO notes VALUES (\(org), \(id))")
            }
        }
        try await insert(1)
        proxy.behave(behaviour)
        if let count {
            let error = await #expect(throws: PostgresError.self) { try await insert(2) }
            guard case .commitUnknown = error else {
                Issue.record("expected commitUnknown, got \(String(describing: error))")
                return
            }
            #expect(try await self.organizations(visibleTo: [org]).count == count)
        } else {
            try await insert(2)
            #expect(try await self.organizations(visibleTo: [org]).count == 2)
        }
    }

    /// A body that makes nothing of it changes nothing.
    @Test func aConcludingCommitThatFailedIsNoSuccess() async throws {
        try await self.connection.execute(
            script: "CREATE TEMP TABLE t (n int CONSTRAINT n_taken UNIQUE DEFERRABLE INITIALLY DEFERRED)"
        )
        await #expect(throws: PostgresError.self) {
            try await self.connection.transaction { connection in
                connection.concludeWithNext()
                _ = try? connection.query("INSERT INTO t VALUES (1), (1)")
                #expect(throws: PostgresError.self) { try connection.query("SELECT 1") }
                #expect(throws: PostgresError.self) { try connection.execute(script: "SELECT 1") }
            }
        }
        #expect(try await self.connection.query("SELECT * FROM t").isEmpty)
    }
}
