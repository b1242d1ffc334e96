import AsyncHTTPClient
import InboundGateway
import InternalAPI
import Postgres
package import Program

/// As long as the process lives: what fails at its start must not meet a client that was never shut down.
private let client = HTTPClient.internal()

extension Program {
    /// The executable `inbound-gateway`.
    package static let inboundGateway = Program(
        "inbound-gateway",
        defaultPort: 8081,
        migrate: { url, logger in try await Migrations.run(InboundMigrations.all, ownerURL: url, logger: logger) },
        inspect: { reader in
            await DatabaseInspection.findings(
                of: InboundMigrations.all,
                service: "inbound-gateway",
                in: reader
            )
        },
        services: { reader, logger in
            try await InboundGatewayApp(reader: reader, client: client, logger: logger).services
        }
    )
}
