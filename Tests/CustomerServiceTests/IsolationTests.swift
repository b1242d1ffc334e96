import CustomerService
import Postgres
import Shared
import TestSupport
import Testing

/// What the database itself refuses, whatever the code asks.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"))
struct IsolationTests {
    let connection = TestDatabase.connection
    let orgID = OrgID.new()

    @Test func everyTableKeepsOrganizationsApart() async throws {
        #expect(try await TenantCatalog.violations(on: self.connection, directoryTables: ["audit_unsealed"]) == [])
    }

    @Test(arguments: [
        "customers", "identities", "consents", "consent_changes", "customer_fields", "customer_redirects", "groups",
        "group_members", "suppressions", "idempotency_keys", "audit_events", "phone_endings",
        "new_phones",
    ])
    func withoutAScopeReadingIsAnError(table: String) async throws {
        let connection = self.connection
        try await self.insert(self.orgID, scope: self.orgID)
        try await RunningService.run { try await Tenant($0, orgID: self.orgID).fillTables() }
        await #expect(throws: PostgresError.self) { try await connection.readWithoutScope(table) }
    }

    @Test func aScopeShowsItsOwnRowsOnly() async throws {
        try await self.insert(self.orgID, scope: self.orgID)
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 1, identities: 1))
        #expect(try await Stored.counts(of: .new()) == .init(customers: 0, identities: 0))
    }

    @Test func aRowOfAnotherOrganizationCanNotBeWritten() async throws {
        await #expect(throws: PostgresError.self) { try await self.insert(self.orgID, scope: .new()) }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 0, identities: 0))
    }

    @Test func anIdentityCanNotPointAtAnotherOrganizationsCustomer() async throws {
        let other = OrgID.new()
        let customerID = try await self.insert(self.orgID, scope: self.orgID)
        await #expect(throws: PostgresError.foreignKeyViolation(constraint: "identity_customer")) {
            try await self.connection.transaction(for: [self.orgID, other]) { connection in
                _ = try connection.query(
                    """
                    INSERT INTO identities (org_id, kind, value, customer_id)
                    VALUES (\(other), 'phone', '+14155550100', \(customerID))
                    """
                )
            }
        }
    }

    @discardableResult
    private func insert(_ orgID: OrgID, scope: OrgID) async throws -> CustomerID {
        let id = CustomerID.new()
        return try await self.connection.transaction(for: [scope]) { connection in
            try connection.query("INSERT INTO customers (org_id, id) VALUES (\(orgID), \(id))")
            try connection.query(
                """
                INSERT INTO identities (org_id, kind, value, customer_id) VALUES (\(orgID), 'phone', '+1', \(id))
                """
            )
            return id
        }
    }
}
