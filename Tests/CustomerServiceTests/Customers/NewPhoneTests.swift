import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

/// Numbers are found by a part of them from the first moment, and get their endings later.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct NewPhoneTests {
    let postgres: PostgresPool
    let orgID = OrgID.new()
    let indexPhones: IndexPhones

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
        self.indexPhones = IndexPhones(postgres: self.postgres, logger: .quiet)
    }

    private func give(_ phones: [String]) async throws -> [CustomerID] {
        let keys = phones.map { IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: $0)) }
        return try await self.postgres.transaction(for: [self.orgID]) { connection in
            try IdentityStore.makeOwners(of: keys, on: connection).compactMap(\.self)
        }
    }

    private func found(_ digits: String) async throws -> [CustomerID] {
        let search = CustomerSearch(orgID: self.orgID, conditions: [.phone(digits)])
        return try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query(search.counted(on: connection).page(before: nil, limit: 50)).map { try $0.get("id") }
        }
    }

    private func count(_ table: SQL) async throws -> Int {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query("SELECT count(*) AS count FROM \(table)")[0].get("count")
        }
    }

    private func remove(_ id: CustomerID, on connection: isolated PostgresConnection) throws {
        try connection.pipeline(GoneStore(orgID: self.orgID).remove(id))
    }

    @Test func theyAreFoundBeforeAndAfter() async throws {
        let ids = try await self.give(["+14155550101", "+14155550102"])
        #expect(try await self.count("phone_endings") == 0)
        #expect(try await self.found("5550102") == [ids[1]])
        #expect(Set(try await self.found("4155")) == Set(ids))
        #expect(try await self.indexPhones.step(of: self.orgID))
        #expect(try await self.count("new_phones") == 0)
        #expect(try await self.count("phone_endings") == 18)
        #expect(try await self.found("5550102") == [ids[1]])
        #expect(Set(try await self.found("4155")) == Set(ids))
        #expect(try await !self.indexPhones.step(of: self.orgID))
    }

    /// As many as one step takes and more, which came in several statements.
    @Test func manyComeInSteps() async throws {
        for start in 0..<3 { _ = try await self.give((0..<1000).map { "+1415\(5_000_000 + 1000 * start + $0)" }) }
        #expect(try await self.indexPhones.step(of: self.orgID))
        #expect(try await self.count("new_phones") == 1)
        #expect(try await self.indexPhones.step(of: self.orgID))
        #expect(try await self.count("phone_endings") == 27_000)
    }

    @Test(arguments: [false, true]) func whoGoesLeavesNoTrace(isIndexed: Bool) async throws {
        let ids = try await self.give(["+14155550101", "+14155550102"])
        if isIndexed { #expect(try await self.indexPhones.step(of: self.orgID)) }
        try await self.postgres.transaction(for: [self.orgID]) { try self.remove(ids[0], on: $0) }
        #expect(try await self.found("5550101").isEmpty)
        #expect(try await self.found("4155") == [ids[1]])
        #expect(try await self.count("new_phones WHERE '+14155550101' = ANY (phones)") == 0)
        #expect(try await self.count("phone_endings WHERE value = '+14155550101'") == 0)
        _ = try await self.indexPhones.step(of: self.orgID)
        #expect(try await self.count("phone_endings") == 9)
    }

    /// Whoever takes a number away holds it: its endings wait, and the removal is never undone for their sake.
    @Test func aNumberThatIsBeingTakenAwayIsNotWaitedFor() async throws {
        let ids = try await self.give(["+14155550101", "+14155550102"])
        let indexPhones = self.indexPhones
        let orgID = self.orgID
        let other = try await PostgresConnection(TestDatabase.url)
        try await other.execute(script: "BEGIN; SET LOCAL app.org_ids = '{\(orgID)}'")
        try await other.run { try self.remove(ids[0], on: $0) }
        await #expect(throws: PostgresError.lockTimeout) { try await indexPhones.step(of: orgID) }
        try await other.execute(script: "ROLLBACK")
        await other.close()
        #expect(try await indexPhones.step(of: orgID))
        #expect(try await self.found("5550101") == [ids[0]])
        #expect(try await self.count("phone_endings") == 18)
    }
}
