import APIGateway
import AsyncHTTPClient
import InternalAPI
import Postgres
import Program

@main
struct Main {
    /// As long as the process lives: what fails at its start must not meet a client that was never shut down.
    private static let client = HTTPClient.internal()

    static func main() async {
        await Program(
            "api-gateway",
            defaultPort: 8080,
            internalPort: 8087,
            migrate: { url, logger in try await Migrations.run(GatewayMigrations.all, ownerURL: url, logger: logger) },
            services: { reader, logger in
                try await APIGatewayApp(reader: reader, client: Self.client, logger: logger).services
            }
        ).run()
    }
}
