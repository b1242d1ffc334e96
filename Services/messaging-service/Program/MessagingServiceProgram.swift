import AsyncHTTPClient
import InternalAPI
import MessagingService
import Postgres
package import Program

/// As long as the process lives: what fails at its start must not meet a client that was never shut down.
private let client = HTTPClient.internal()

extension Program {
    /// The executable `messaging-service`.
    package static let messagingService = Program(
        "messaging-service",
        defaultPort: 8084,
        migrate: { url, logger in try await Migrations.run(MessagingMigrations.all, ownerURL: url, logger: logger)
        },
        inspect: { reader in
            await DatabaseInspection.findings(
                of: MessagingMigrations.all,
                service: "messaging-service",
                scopes: ["postgres", "engine.postgres"],
                in: reader
            )
        },
        services: { reader, logger in
            try await MessagingApp(reader: reader, client: client, logger: logger).services
        }
    )
}
