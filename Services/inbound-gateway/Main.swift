import AsyncHTTPClient
import InboundGateway
import InternalAPI
import Postgres
import Program

@main
struct Main {
    /// As long as the process lives: what fails at its start must not meet a client that was never shut down.
    private static let client = HTTPClient.internal()

    static func main() async {
        await Program(
            "inbound-gateway",
            defaultPort: 8081,
            migrate: { url, logger in try await Migrations.run(InboundMigrations.all, ownerURL: url, logger: logger) },
            services: { reader, logger in
                try await InboundGatewayApp(reader: reader, client: Self.client, logger: logger).services
            }
        ).run()
    }
}
