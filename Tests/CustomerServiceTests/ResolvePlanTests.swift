import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// The look-ups read what they are asked for, however many rows there are.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(1)))
struct ResolvePlanTests {
    let connection = TestDatabase.connection
    let orgID = OrgID.new()

    /// How one transaction has read one table.
    private struct Reads: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int
    }

    /// More than the five runs after which Postgres may choose a plan for any parameters.
    private static let runs = 8

    @Test func findingAddressesReadsOneRowForEach() async throws {
        try await self.fill()
        let keys = (1...100).map { number in
            IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: "+49\(1_000_000 + number * 150)"))
        }
        for _ in 1...Self.runs {
            let (owners, reads) = try await self.connection.transaction(for: [self.orgID]) { connection in
                (try IdentityStore.owners(of: keys, on: connection), try Self.reads("identities", on: connection))
            }
            #expect(owners.compactMap(\.self).count == 100)
            #expect(reads == Reads(sequentialScans: 0, rowsByIndex: 100))
        }
    }

    @Test func findingTheAddressesOfCustomersReadsTheirRowsOnly() async throws {
        try await self.fill()
        let keys = [IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: "+491000007"))]
        for _ in 1...Self.runs {
            let (addresses, reads) = try await self.connection.transaction(for: [self.orgID]) { connection in
                let owner = try IdentityStore.owners(of: keys, on: connection).compactMap(\.self)
                let wanted = owner.map { WantedCustomer(orgID: self.orgID, id: $0, kinds: [.phone]) }
                let addresses = try CustomerStore.firstAddresses(of: wanted, on: connection)
                return (addresses, try Self.reads("identities", on: connection))
            }
            #expect(addresses == [[.phone: Address(kind: .phone, value: "+491000007")]])
            // One row for the address, one for the customer.
            #expect(reads == Reads(sequentialScans: 0, rowsByIndex: 2))
        }
    }

    /// 20,000 addresses of one organization, which the statistics know of.
    private func fill() async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
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
        try await superuser.execute(script: "ANALYZE")
        await superuser.close()
    }

    private static func reads(
        _ table: String,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Reads {
        let rows = try connection.query(
            """
            SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = \(table)
            """
        )
        return Reads(sequentialScans: try rows[0].get("seq_scan"), rowsByIndex: try rows[0].get("idx_tup_fetch"))
    }
}
