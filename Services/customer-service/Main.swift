import CustomerService
import Postgres
import Program

@main
struct Main {
    static func main() async {
        await Program(
            "customer-service",
            defaultPort: 8082,
            migrate: { url, logger in try await Migrations.run(CustomerMigrations.all, ownerURL: url, logger: logger) },
            services: { reader, logger in try await CustomerApp(reader: reader, logger: logger).services }
        ).run()
    }
}
