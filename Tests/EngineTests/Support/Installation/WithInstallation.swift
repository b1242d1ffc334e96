import Installation
import TestSupport
import Testing

/// Runs `body` with an installation whose databases are clones on the common test server.
func withInstallation(
    _ plan: InstallationPlan = InstallationPlan(),
    _ body: (Installation) async throws -> Void
) async throws {
    try await withDatabases(ServiceDatabases.all) { databases in
        try await withInstallation(plan, databases: databases, body)
    }
}

/// Runs `body` with an installation, and kills all of it afterwards, whatever happened.
///
/// A process that ended by itself meanwhile fails the test, whatever it was about.
func withInstallation(
    _ plan: InstallationPlan,
    databases: [String: String],
    _ body: (Installation) async throws -> Void
) async throws {
    try await withRunningInstallation(plan, databases: databases) { herald in
        try await body(herald)
        let faults = await herald.processes.faults
        #expect(faults == [], "Their logs are in \(herald.folder), which HERALD_KEEP=1 keeps.")
    }
}
