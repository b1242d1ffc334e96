import Postgres

/// Customers of an organization with their addresses and conversations, by SQL.
struct FillPeople: Sendable {
    let lab: Lab
    let tenant: Tenant
    let count: Int

    func callAsFunction() async throws {
        try await self.run(
            "customers",
            """
            INSERT INTO customers (org_id, id)
            SELECT '\(self.tenant.id)', \(NumberedRow.id(.customer, "n")) FROM generate_series(0, \(self.count - 1)) AS n;
            INSERT INTO identities (org_id, value, kind, customer_id)
            SELECT '\(self.tenant.id)', \(NumberedRow.phone("n")), 'phone', \(NumberedRow.id(.customer, "n"))
              FROM generate_series(0, \(self.count - 1)) AS n
            """,
            tables: "customers, identities"
        )
        try await self.run(
            "conversations",
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
            SELECT '\(self.tenant.id)', \(NumberedRow.id(.conversation, "n")), \(NumberedRow.id(.customer, "n")),
                   '\(self.tenant.account.id)', 'whatsapp', 'phone', \(NumberedRow.phone("n"))
              FROM generate_series(0, \(self.count - 1)) AS n
            """,
            tables: "conversations"
        )
    }

    private func run(_ database: String, _ script: String, tables: String) async throws {
        let connection = try await self.lab.database(database)
        try await connection.execute(script: "SET session_replication_role = replica; " + script)
        try await connection.execute(script: "VACUUM (ANALYZE) \(tables)")
        await connection.close()
    }
}
