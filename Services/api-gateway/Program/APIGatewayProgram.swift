import APIGateway
import AsyncHTTPClient
import InternalAPI
import Postgres
package import Program

/// As long as the process lives: what fails at its start must not meet a client that was never shut down.
private let client = HTTPClient.internal()

extension Program {
    /// The executable `api-gateway`.
    package static let apiGateway = Program(
        "api-gateway",
        defaultPort: 8080,
        internalPort: 8087,
        migrate: { url, logger in try await Migrations.run(GatewayMigrations.all, ownerURL: url, logger: logger) },
        inspect: { reader in
            await DatabaseInspection.findings(
                of: GatewayMigrations.all,
                service: "api-gateway",
                in: reader
            )
        },
        services: { reader, logger in
            try await APIGatewayApp(reader: reader, client: client, logger: logger).services
        }
    )
}
