import ConversationService
import Postgres
import Program

@main
struct Main {
    static func main() async {
        await Program(
            "conversation-service",
            defaultPort: 8083,
            migrate: { url, logger in
                try await Migrations.run(ConversationMigrations.all, ownerURL: url, logger: logger)
            },
            services: { reader, logger in try await ConversationApp(reader: reader, logger: logger).services }
        ).run()
    }
}
