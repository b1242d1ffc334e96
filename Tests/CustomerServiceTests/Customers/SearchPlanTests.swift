import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// What searches read of an organization with 20,000 customers.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct SearchPlanTests {
    let postgres: PostgresPool
    let orgID = OrgID.new()

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    struct Search: Sendable {
        let conditions: [CustomerCondition]
        /// The index that everything begins with.
        let index: String
        /// Entries of all indexes together that are read at most.
        let mostEntries: Int
    }

    private static let searches = [
        Search(conditions: [], index: "customers_pkey", mostEntries: 51),
        Search(conditions: [.email("1234@example.com")], index: "identity_taken", mostEntries: 2),
        Search(conditions: [.external("nobody")], index: "identity_taken", mostEntries: 0),
        Search(conditions: [.field(name: "number", value: "1234")], index: "customer_fields_pkey", mostEntries: 2),
        Search(conditions: [.field(name: "all", value: "yes")], index: "customer_fields_pkey", mostEntries: 102),
        Search(conditions: [.name(beginsWith: "Customer 12345")], index: "customers_by_name", mostEntries: 2),
        // Of a beginning that many have, all entries, or the newest customers until a page is full.
        Search(conditions: [.name(beginsWith: "customer 1")], index: "customers_", mostEntries: 11_200),
        Search(conditions: [.group("few")], index: "group_members_pkey", mostEntries: 60),
        Search(conditions: [.group("all")], index: "group_members_pkey", mostEntries: 110),
        Search(conditions: [.group("all"), .email("1234@example.com")], index: "identity_taken", mostEntries: 5),
        Search(conditions: [.guest(true)], index: "customer_guests", mostEntries: 102),
        Search(conditions: [.phone("012345")], index: "phone_endings_pkey", mostEntries: 4),
        Search(conditions: [.phone("nothing")], index: "phone_endings_pkey", mostEntries: 0),
        // Of a part that all numbers have it is counted that there are so many, and then the newest customers are read.
        Search(conditions: [.phone("4930")], index: "customers_pkey", mostEntries: CustomerSearch.mostPhones + 160),
        Search(
            conditions: [.phone("4930"), .group("few")],
            index: "group_members_pkey",
            mostEntries: CustomerSearch.mostPhones + 120
        ),
        Search(
            conditions: [
                .guest(false), .group("few"), .name(beginsWith: "customer"), .field(name: "number", value: "1200"),
            ],
            index: "customer_fields_pkey",
            mostEntries: 30
        ),
    ]

    /// Whether Postgres has counted the rows since they came.
    @Test(arguments: [false, true]) func aSearchReadsWhatItsIndexHolds(areCounted: Bool) async throws {
        try await self.fill(areCounted: areCounted)
        for search in Self.searches {
            let wanted = CustomerSearch(orgID: self.orgID, conditions: search.conditions)
            let (plan, entries, scans) = try await self.postgres.transaction(for: [self.orgID]) { connection in
                let page = try wanted.counted(on: connection).page(before: nil, limit: 51)
                let plan = try connection.explain(page).joined(separator: "\n")
                let before = try Self.reads(on: connection)
                _ = try connection.query(wanted.counted(on: connection).page(before: nil, limit: 51))
                let after = try Self.reads(on: connection)
                return (plan, after.entries - before.entries, after.scans - before.scans)
            }
            #expect(plan.contains(search.index), "\(search.conditions): \(plan)")
            #expect(scans == 0, "\(search.conditions)")
            #expect(entries <= search.mostEntries, "\(search.conditions): \(plan)")
        }
    }

    /// Customers are looked up one by one, however many the organization has.
    @Test(arguments: [false, true]) func aLookUpReadsItsRowsAlone(areCounted: Bool) async throws {
        try await self.fill(areCounted: areCounted)
        let orgID = self.orgID
        let ids = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query("SELECT id FROM customers LIMIT 50").map { try $0.get("id", as: CustomerID.self) }
        }
        let wanted = ids.map { WantedCustomer(orgID: orgID, id: $0, kinds: [.phone]) }
        let checks = ids.map { id in
            CustomerAPI.PolicyCheck(
                orgID: orgID,
                messageID: .new(),
                customerID: id,
                address: Address(kind: .phone, value: "+493000000001"),
                channel: .sms,
                category: .marketing,
                stage: .creation,
                rules: SendingRules(),
                at: .now
            )
        }
        let lookUps: [@Sendable (isolated PostgresConnection) throws -> Void] = [
            { _ = try CustomerStore.current(ids[0], of: orgID, on: $0) },
            { _ = try ReachStore.firstAddresses(of: wanted, on: $0) },
            { _ = try StandingStore.standings(of: checks, marks: ids.map { ["erased:\($0)"] }, on: $0) },
        ]
        for (number, lookUp) in lookUps.enumerated() {
            let entries = try await self.postgres.transaction(for: [orgID]) { connection in
                let before = try Self.reads(on: connection).entries
                try lookUp(connection)
                return try Self.reads(on: connection).entries - before
            }
            #expect(entries <= 6 * ids.count, "\(number)")
        }
    }

    private func fill(areCounted: Bool) async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.execute(
            script: """
                INSERT INTO customers (org_id, id, name, is_guest, fields)
                SELECT '\(self.orgID)', gen_random_uuid(), 'Customer ' || n, n % 4 = 0, json_build_object('number', n, 'all', 'yes')
                  FROM generate_series(1, 20000) AS n;
                INSERT INTO identities (org_id, value, kind, customer_id)
                SELECT org_id, '+4930' || lpad(fields ->> 'number', 8, '0'), 'phone'::address_kind, id FROM customers
                UNION ALL SELECT org_id, (fields ->> 'number') || '@example.com', 'email', id FROM customers;
                INSERT INTO customer_fields (org_id, digest, customer_id)
                SELECT org_id, md5(length(f.key) || ':' || f.key || f.value)::uuid, id FROM customers c, json_each_text(c.fields) f;
                INSERT INTO groups (org_id, id, name) SELECT '\(self.orgID)', gen_random_uuid(), name FROM unnest('{few,all}'::text[]) name;
                INSERT INTO group_members (org_id, group_id, customer_id)
                SELECT c.org_id, g.id, c.id FROM customers c, groups g
                 WHERE g.name = 'all' OR (c.fields ->> 'number')::int % 1000 = 200;
                """
        )
        let indexPhones = IndexPhones(postgres: self.postgres, logger: .quiet)
        while try await indexPhones.step(of: self.orgID) {}
        // Index-only scans need to know which pages all see.
        let vacuum = areCounted ? "VACUUM ANALYZE" : "VACUUM identities, phone_endings, new_phones"
        try await superuser.execute(script: vacuum)
        await superuser.close()
    }

    private static func reads(
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> (entries: Int, scans: Int) {
        let row = try connection.query(
            """
            SELECT (SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(indexrelid)), 0) FROM pg_index
                     WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace))::bigint AS entries,
                   (SELECT sum(seq_scan) FROM pg_stat_xact_user_tables WHERE schemaname = 'public')::bigint AS scans
            """
        )[0]
        return (try row.get("entries"), try row.get("scans"))
    }
}
