import AsyncHTTPClient
import InternalAPI
import MessagingService
import Postgres
import Program

@main
struct Main {
    /// As long as the process lives: what fails at its start must not meet a client that was never shut down.
    private static let client = HTTPClient.internal()

    static func main() async {
        await Program(
            "messaging-service",
            defaultPort: 8084,
            migrate: { url, logger in try await Migrations.run(MessagingMigrations.all, ownerURL: url, logger: logger)
            },
            services: { reader, logger in
                try await MessagingApp(reader: reader, client: Self.client, logger: logger).services
            }
        ).run()
    }
}
