import CustomerService
import Postgres
package import Program

extension Program {
    /// The executable `customer-service`.
    package static let customerService = Program(
        "customer-service",
        defaultPort: 8082,
        migrate: { url, logger in try await Migrations.run(CustomerMigrations.all, ownerURL: url, logger: logger) },
        inspect: { reader in
            await DatabaseInspection.findings(
                of: CustomerMigrations.all,
                service: "customer-service",
                in: reader
            )
        },
        services: { reader, logger in try await CustomerApp(reader: reader, logger: logger).services }
    )
}
