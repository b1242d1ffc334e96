import ConversationService
import Postgres
package import Program

extension Program {
    /// The executable `conversation-service`.
    package static let conversationService = Program(
        "conversation-service",
        defaultPort: 8083,
        migrate: { url, logger in
            try await Migrations.run(ConversationMigrations.all, ownerURL: url, logger: logger)
        },
        inspect: { reader in
            await DatabaseInspection.findings(
                of: ConversationMigrations.all,
                service: "conversation-service",
                in: reader
            )
        },
        services: { reader, logger in try await ConversationApp(reader: reader, logger: logger).services }
    )
}
