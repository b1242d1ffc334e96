import APIGateway
import ConversationService
import CustomerService
import InboundGateway
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// What each service's role may do to its trail: add to it.
@Suite(.timeLimit(.minutes(5))) struct AppendOnlyTests {
    private static let refused = [
        "UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events", "TRUNCATE audit_events",
        "UPDATE audit_seals SET number = 7", "DELETE FROM audit_seals", "TRUNCATE audit_seals",
        "UPDATE audit_unsealed SET event_id = org_id", "ALTER TABLE audit_events DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE audit_events DROP CONSTRAINT audit_redacted", "DROP TABLE audit_seals",
    ]

    @Test(.database(migrations: GatewayMigrations.all, role: "gateway"))
    func ofTheGateway() async { await self.check() }

    @Test(.database(migrations: InboundMigrations.all, role: "inbound"))
    func ofTheInbox() async { await self.check() }

    @Test(.database(migrations: CustomerMigrations.all, role: "customers"))
    func ofCustomers() async { await self.check() }

    @Test(.database(migrations: ConversationMigrations.all, role: "conversations"))
    func ofConversations() async { await self.check() }

    @Test(.database(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"]))
    func ofMessages() async { await self.check() }

    private func check() async {
        let connection = TestDatabase.connection
        for script in Self.refused {
            let error = await #expect(throws: PostgresError.self, "\(script)") {
                try await connection.transaction(for: [.new()]) { try $0.execute(script: script) }
            }
            guard case .server(sqlState: "42501", _) = error else {
                Issue.record("\(script) was not refused for its rights: \(String(describing: error))")
                continue
            }
        }
    }
}
