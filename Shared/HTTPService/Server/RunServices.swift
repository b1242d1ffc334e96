package import Logging
package import ServiceLifecycle
import UnixSignals

/// Runs a process until one of its services ends or it gets SIGTERM or SIGINT.
///
/// The services start in their order and stop in the opposite one; whoever is needed by others comes first.
/// - Throws: what a service threw.
package func runServices(_ services: [any Service], logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
    )
    // Supervisors kill after 25 s; what is not done five seconds before that is cancelled.
    configuration.maximumGracefulShutdownDuration = .seconds(20)
    configuration.maximumCancellationDuration = .seconds(3)
    try await ServiceGroup(configuration: configuration).run()
}
