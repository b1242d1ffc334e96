import AsyncHTTPClient
import InboundGateway
import InternalAPI
import Postgres
import Program

@main
struct Main {
    static func main() async {
        await Program(
            "inbound-gateway",
            defaultPort: 8081,
            migrate: { url, logger in try await Migrations.run(InboundMigrations.all, ownerURL: url, logger: logger) },
            services: { reader, logger in
                try await InboundGatewayApp(reader: reader, client: .internal(), logger: logger).services
            }
        ).run()
    }
}
