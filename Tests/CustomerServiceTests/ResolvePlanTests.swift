import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// The look-ups read what they are asked for, however many rows there are.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ResolvePlanTests {
    /// Plans as the service's own connections do.
    let postgres: PostgresPool
    let orgID = OrgID.new()

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    /// How the tables were read that say who a recipient is and what they want.
    private struct Reads: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int

        static func - (after: Reads, before: Reads) -> Reads {
            Reads(
                sequentialScans: after.sequentialScans - before.sequentialScans,
                rowsByIndex: after.rowsByIndex - before.rowsByIndex
            )
        }
    }

    /// The state of the table when a connection looks into it for the first times.
    enum Beginning: CaseIterable {
        case empty, emptyWithStatistics, full, fullWithStatistics, fullAndVacuumed
    }

    @Test(arguments: Beginning.allCases)
    func findingAddressesReadsOneRowForEach(beginning: Beginning) async throws {
        let keys = (1...100).map { number in
            IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: "+49\(1_000_000 + number * 150)"))
        }
        try await self.fill(beginning) {
            _ = try await self.look { connection in try IdentityStore.owners(of: keys, on: connection) }
        }
        let (owners, reads) = try await self.look { connection in try IdentityStore.owners(of: keys, on: connection) }
        #expect(owners.compactMap(\.self).count == 100)
        #expect(reads == Reads(sequentialScans: 0, rowsByIndex: 100))
    }

    @Test(arguments: Beginning.allCases)
    func findingTheAddressesOfCustomersReadsTheirRowsOnly(beginning: Beginning) async throws {
        let address = Address(kind: .phone, value: "+491000007")
        let find: @Sendable (isolated PostgresConnection) throws -> [[AddressKind: Address]?] = { connection in
            let owners = try IdentityStore.owners(
                of: [IdentityKey(orgID: self.orgID, address: address)],
                on: connection
            )
            let wanted = owners.map { WantedCustomer(orgID: self.orgID, id: $0 ?? .new(), kinds: [.phone]) }
            return try ReachStore.firstAddresses(of: wanted, on: connection).map { $0?.addresses }
        }
        try await self.fill(beginning) { _ = try await self.look(find) }
        let (addresses, reads) = try await self.look(find)
        #expect(addresses == [[.phone: address]])
        // The address, the address of the customer, and the customer, whose row is not needed after a vacuum: the
        // index tells.
        #expect(reads.sequentialScans == 0)
        #expect(beginning == .fullAndVacuumed ? reads.rowsByIndex == 2 : (2...3).contains(reads.rowsByIndex))
    }

    @Test(arguments: Beginning.allCases)
    func askingWhatCustomersWantReadsTheirRowsOnly(beginning: Beginning) async throws {
        let keys = (1...10).map { number in
            IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: "+49\(1_000_000 + number * 1500)"))
        }
        let ask: @Sendable (isolated PostgresConnection) throws -> ([RecipientStanding], Reads) = { connection in
            let owners = try IdentityStore.owners(of: keys, on: connection)
            let checks = zip(keys, owners).map { key, owner in
                CustomerAPI.PolicyCheck(
                    orgID: self.orgID,
                    messageID: .new(),
                    customerID: owner ?? .new(),
                    address: key.address,
                    channel: .sms,
                    category: .marketing,
                    stage: .creation,
                    rules: SendingRules(),
                    at: .now
                )
            }
            let before = try Self.reads(on: connection)
            let marks = checks.map { _ in ["mark"] }
            let standings = try StandingStore.standings(of: checks, marks: marks, on: connection)
            return (standings, try Self.reads(on: connection) - before)
        }
        try await self.fill(beginning) { _ = try await self.look(ask) }
        let ((standings, reads), _) = try await self.look(ask)
        #expect(standings.compactMap(\.customerID).count == 10)
        // The customer, and its address.
        #expect(reads.sequentialScans == 0)
        #expect(reads.rowsByIndex <= 20)
    }

    private func look<Answer: Sendable>(
        _ find: @Sendable (isolated PostgresConnection) throws -> Answer
    ) async throws -> (Answer, Reads) {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            let before = try Self.reads(on: connection)
            return (try find(connection), try Self.reads(on: connection) - before)
        }
    }

    /// Looks often enough for Postgres to keep a plan, at the beginning that is asked for; then the table is full.
    private func fill(_ beginning: Beginning, look: () async throws -> Void) async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        switch beginning {
        case .empty: break
        case .emptyWithStatistics: try await superuser.execute(script: "ANALYZE")
        case .full: try await self.insertAddresses(superuser)
        case .fullWithStatistics:
            try await self.insertAddresses(superuser)
            try await superuser.execute(script: "ANALYZE")
        case .fullAndVacuumed:
            try await self.insertAddresses(superuser)
            try await superuser.execute(script: "VACUUM ANALYZE")
        }
        for _ in 1...8 { try await look() }
        switch beginning {
        case .empty, .emptyWithStatistics: try await self.insertAddresses(superuser)
        case .full, .fullWithStatistics, .fullAndVacuumed: break
        }
        await superuser.close()
    }

    /// 20,000 addresses of one organization.
    private func insertAddresses(_ superuser: PostgresConnection) async throws {
        try await superuser.query(
            """
            WITH new AS (
                INSERT INTO identities (org_id, value, kind, customer_id)
                SELECT \(self.orgID), '+49' || 1000000 + n, 'phone', gen_random_uuid() FROM generate_series(1, 20000) AS n
                RETURNING org_id, customer_id
            )
            INSERT INTO customers (org_id, id) SELECT org_id, customer_id FROM new
            """
        )
    }

    /// Counted since the session last reported, which may have been some transactions ago.
    private static func reads(on connection: isolated PostgresConnection) throws(PostgresError) -> Reads {
        let row = try connection.query(
            """
            SELECT sum(seq_scan)::bigint AS seq_scan, sum(idx_tup_fetch)::bigint AS idx_tup_fetch
              FROM pg_stat_xact_user_tables
             WHERE relname IN ('identities', 'customers', 'customer_redirects', 'consents', 'suppressions', 'kept_opt_outs')
            """
        )[0]
        return Reads(sequentialScans: try row.get("seq_scan"), rowsByIndex: try row.get("idx_tup_fetch"))
    }
}
