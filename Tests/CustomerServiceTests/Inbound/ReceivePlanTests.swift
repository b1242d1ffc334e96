import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// What an ordinary message costs.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ReceivePlanTests {
    let postgres: PostgresPool
    let inbound = Inbound(orgID: .new())

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    private struct Cost: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int
        let hasWritten: Bool
    }

    /// Whether the tables had rows when Postgres last counted them.
    @Test(arguments: [false, true])
    func messagesOfKnownCustomersReadTwoRowsEachAndWriteNothing(areCounted: Bool) async throws {
        let known = (1...2000).map { number in
            self.inbound.message("\(number)", from: Address(kind: .phone, value: "+49\(100_000 + number)"), name: "Ann")
        }
        let receive = ReceiveMessages(postgres: self.postgres)
        for start in stride(from: 0, to: 2000, by: 500) { _ = try await receive(Array(known[start..<start + 500])) }
        if areCounted {
            let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
            try await superuser.execute(script: "ANALYZE")
            await superuser.close()
        }
        // Later, so that the names stay.
        let items = stride(from: 1, to: 2000, by: 20).map { number in
            self.inbound.message("n\(number)", from: known[number].senders[0], name: "Annie", second: 9)
        }
        #expect(try await self.cost(items) == Cost(sequentialScans: 0, rowsByIndex: 200, hasWritten: false))
    }

    @Test func aKeywordIsWritten() async throws {
        let item = self.inbound.message("1", from: Address(kind: .phone, value: "+14155550100"), keyword: .stop)
        #expect(try await self.cost([item]).hasWritten)
        // Its repetition finds that nothing is to be done only when it writes.
        #expect(try await self.cost([item]).sequentialScans == 0)
    }

    private func cost(_ items: [CustomerAPI.Receive]) async throws -> Cost {
        try await self.postgres.transaction(for: [self.inbound.orgID]) { connection in
            let before = try Self.reads(on: connection)
            _ = try ReceiveMessages.answers(to: items, on: connection)
            let after = try Self.reads(on: connection)
            return Cost(
                sequentialScans: after.scans - before.scans,
                rowsByIndex: after.rows - before.rows,
                hasWritten: after.hasWritten
            )
        }
    }

    private static func reads(
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> (scans: Int, rows: Int, hasWritten: Bool) {
        let row = try connection.query(
            """
            SELECT sum(seq_scan)::bigint AS scans, sum(idx_tup_fetch)::bigint AS rows,
                   pg_current_xact_id_if_assigned() IS NOT NULL AS has_written
              FROM pg_stat_xact_user_tables WHERE schemaname = 'public'
            """
        )[0]
        return (try row.get("scans"), try row.get("rows"), try row.get("has_written"))
    }
}
