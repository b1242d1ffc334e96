import ConversationService
import Postgres
import Shared
import TestSupport
import Testing

/// What the database itself refuses, whatever the code asks.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"))
struct IsolationTests {
    let connection = TestDatabase.connection
    let orgID = OrgID.new()

    @Test func everyTableKeepsOrganizationsApart() async throws {
        let directories: Set = ["audit_unsealed", "org_directory"]
        #expect(try await TenantCatalog.violations(on: self.connection, directoryTables: directories) == [])
    }

    @Test func withoutAScopeReadingIsAnError() async throws {
        let connection = self.connection
        try await self.insert(self.orgID, scope: self.orgID)
        await #expect(throws: PostgresError.self) { try await connection.readWithoutScope("conversations") }
    }

    @Test func aScopeShowsItsOwnRowsOnly() async throws {
        try await self.insert(self.orgID, scope: self.orgID)
        #expect(try await Stored.conversations(of: self.orgID).count == 1)
        #expect(try await Stored.conversations(of: .new()).isEmpty)
    }

    @Test func aRowOfAnotherOrganizationCanNotBeWritten() async throws {
        await #expect(throws: PostgresError.self) { try await self.insert(self.orgID, scope: .new()) }
        #expect(try await Stored.conversations(of: self.orgID).isEmpty)
    }

    private func insert(_ orgID: OrgID, scope: OrgID) async throws {
        _ = try await self.connection.transaction(for: [scope]) { connection in
            try connection.query(
                """
                INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
                VALUES (\(orgID), \(ConversationID.new()), \(CustomerID.new()), \(AccountID.new()), 'sms', 'phone', '+1')
                """
            )
        }
    }
}
