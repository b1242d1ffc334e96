import APIGateway
import AsyncHTTPClient
import InternalAPI
import Postgres
import Program

@main
struct Main {
    static func main() async {
        await Program(
            "api-gateway",
            defaultPort: 8080,
            migrate: { url, logger in try await Migrations.run(GatewayMigrations.all, ownerURL: url, logger: logger) },
            services: { reader, logger in
                try await APIGatewayApp(reader: reader, client: .internal(), logger: logger).services
            }
        ).run()
    }
}
