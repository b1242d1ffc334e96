import AsyncHTTPClient
import InternalAPI
import MessagingService
import Postgres
import Program

@main
struct Main {
    static func main() async {
        await Program(
            "messaging-service",
            defaultPort: 8084,
            migrate: { url, logger in try await Migrations.run(MessagingMigrations.all, ownerURL: url, logger: logger)
            },
            services: { reader, logger in
                try await MessagingApp(reader: reader, client: .internal(), logger: logger).services
            }
        ).run()
    }
}
