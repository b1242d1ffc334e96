import Foundation
package import ProviderStub
package import TestClient

/// A whole installation in processes of its own: two replicas of messaging-service, one of every other service, and workers.
///
/// Only the provider stub is in this process, and is never killed. Both gateways ask replica A.
package struct Installation: Sendable {
    package static let operatorKey = "operator-key-of-the-tests"
    package static let whatsAppSecret = "whatsapp-app-secret"
    package static let twilioToken = "twilio-auth-token"
    package static let serviceTokenSecret = String(repeating: "service", count: 5)
    package static let keyPepper = String(repeating: "pepper", count: 6)
    package static let masterKey = Data(repeating: 9, count: 32).base64EncodedString()

    package let stub: RunningProviderStub
    package let processes: ProcessGroup
    package let plan: InstallationPlan
    /// The URL of each role.
    package let databases: [String: String]
    package let ports: InstallationPorts
    /// Logs, and the state of the workers' hosts.
    package let folder: String

    /// The public API, with the operator's key.
    package var gateway: API { API(url: self.ports.url(self.ports.gateway), key: Self.operatorKey) }

    /// What the services are started with, by their environment alone.
    package var ownSecrets: [String] { [Self.operatorKey, Self.serviceTokenSecret, Self.keyPepper, Self.masterKey] }

    package func stateDirectory(ofHost host: String) -> String { "\(self.folder)/\(host)" }
}

package struct InstallationPorts: Sendable {
    package let customers: Int
    package let conversations: Int
    package let messaging: [Replica: Int]
    package let gateway: Int
    package let inbound: Int
    /// The internal port of inbound-gateway.
    package let inbox: Int
    /// The internal port of api-gateway.
    package let watched: Int
    package let firstWorker: Int

    package static func choose() throws -> InstallationPorts {
        InstallationPorts(
            customers: try FreePort.find(),
            conversations: try FreePort.find(),
            messaging: [.a: try FreePort.find(), .b: try FreePort.find()],
            gateway: try FreePort.find(),
            inbound: try FreePort.find(),
            inbox: try FreePort.find(),
            watched: try FreePort.find(),
            firstWorker: try FreePort.find()
        )
    }

    /// Of every service but the workers.
    package var all: [Int] {
        [self.customers, self.conversations, self.gateway, self.inbound, self.inbox] + self.messaging.values.sorted()
    }

    package func url(_ port: Int) -> String { "http://127.0.0.1:\(port)" }

    package func url(_ replica: Replica) -> String { self.url(self.messaging[replica] ?? 0) }
}

/// Runs `body` with an installation, and kills all of it afterwards, whatever happened.
///
/// What ended by itself meanwhile is among the faults of its processes.
///
/// - Parameters:
///   - plan: what is started, and how.
///   - databases: the URL of each role, migrated.
///   - body: what to do with it.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws; `Unusable` when something does not start.
package func withRunningInstallation<Value: Sendable>(
    _ plan: InstallationPlan,
    databases: [String: String],
    _ body: (Installation) async throws -> Value
) async throws -> Value {
    let temporary = FileManager.default.temporaryDirectory.appending(path: "herald-engine-\(UUID())").path()
    let folder = plan.folder ?? temporary
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let value: Value
    do {
        value = try await withProviderStub { stub in
            try await withProcesses { processes in
                let installation = Installation(
                    stub: stub,
                    processes: processes,
                    plan: plan,
                    databases: databases,
                    ports: try InstallationPorts.choose(),
                    folder: folder
                )
                try await installation.start()
                return try await body(installation)
            }
        }
    } catch {
        guard !(error is CancellationError), !Task.isCancelled else {
            try? FileManager.default.removeItem(atPath: folder)
            throw CancellationError()
        }
        print("Kept the logs of what failed: \(folder)")
        throw error
    }
    guard plan.folder == nil else { return value }
    if ProcessInfo.processInfo.environment["HERALD_KEEP"] == nil {
        try? FileManager.default.removeItem(atPath: folder)
    } else {
        print("Kept the logs: \(folder)")
    }
    return value
}
