import APIGateway
import ConversationService
import CustomerService
import InboundGateway
import MessagingService
import TestSupport

/// The databases of an installation on the common test server.
enum ServiceDatabases {
    static let all = [
        DatabaseSpec(migrations: GatewayMigrations.all, role: "gateway"),
        DatabaseSpec(migrations: InboundMigrations.all, role: "inbound"),
        DatabaseSpec(migrations: CustomerMigrations.all, role: "customers"),
        DatabaseSpec(migrations: ConversationMigrations.all, role: "conversations"),
        DatabaseSpec(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"]),
    ]
}
