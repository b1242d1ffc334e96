import InboundGateway
import Postgres
import Shared
import TestSupport
import Testing

/// What the database itself refuses, whatever the code asks.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"))
struct IsolationTests {
    let connection = TestDatabase.connection
    let orgID = OrgID.new()

    @Test func everyTableKeepsOrganizationsApart() async throws {
        let directories: Set<String> = [
            "account_directory", "audit_unsealed", "number_directory", "inbox_orgs", "inbox_presence",
        ]
        let violations = try await TenantCatalog.violations(on: self.connection, directoryTables: directories)
        #expect(violations == [])
    }

    @Test func withoutAScopeReadingIsAnError() async throws {
        for table in ["webhook_accounts", "inbox_requests", "inbox_events"] {
            await #expect(throws: PostgresError.self, "\(table)") { try await self.connection.readWithoutScope(table) }
        }
    }

    @Test func aRowOfAnotherOrganizationCanNotBeWritten() async throws {
        let other = OrgID.new()
        await #expect(throws: PostgresError.self) { try await self.insert(self.orgID, scope: other) }
        try await self.insert(self.orgID, scope: self.orgID)
        #expect(try await Stored.bodies(of: self.orgID).count == 1)
        #expect(try await Stored.bodies(of: other).isEmpty)
    }

    private func insert(_ orgID: OrgID, scope: OrgID) async throws {
        _ = try await self.connection.transaction(for: [scope]) { connection in
            try connection.query(
                """
                INSERT INTO inbox_requests (org_id, id, account_id, provider, url, headers, body)
                VALUES (\(orgID), \(ID<Message>.new()), \(AccountID.new()), 'twilio', '/', '{}', '')
                """
            )
        }
    }
}
