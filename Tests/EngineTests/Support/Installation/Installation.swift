import Foundation
import ProviderStub
import TestSupport

/// A whole installation in processes of its own: two replicas of messaging-service, one of every other service, and workers.
///
/// Only the provider stub is in this process, and is never killed. Both gateways ask replica A.
struct Installation: Sendable {
    static let operatorKey = "operator-key-of-the-tests"
    static let whatsAppSecret = "whatsapp-app-secret"
    static let twilioToken = "twilio-auth-token"
    static let serviceTokenSecret = String(repeating: "service", count: 5)
    static let keyPepper = String(repeating: "pepper", count: 6)
    static let masterKey = Data(repeating: 9, count: 32).base64EncodedString()

    let stub: RunningProviderStub
    let processes: ProcessGroup
    let plan: InstallationPlan
    /// The URL of each role.
    let databases: [String: String]
    let ports: InstallationPorts
    /// Logs, and the state of the workers' hosts.
    let folder: String

    /// The public API, with the operator's key.
    var gateway: API { API(url: self.ports.url(self.ports.gateway), key: Self.operatorKey) }

    /// What the services are started with, by their environment alone.
    var ownSecrets: [String] { [Self.operatorKey, Self.serviceTokenSecret, Self.keyPepper, Self.masterKey] }

    func stateDirectory(ofHost host: String) -> String { "\(self.folder)/\(host)" }
}

struct InstallationPorts: Sendable {
    let customers: Int
    let conversations: Int
    let messaging: [Replica: Int]
    let gateway: Int
    let inbound: Int
    /// The internal port of inbound-gateway.
    let inbox: Int
    /// The internal port of api-gateway.
    let watched: Int
    let firstWorker: Int

    static func choose() throws -> InstallationPorts {
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
    var all: [Int] {
        [self.customers, self.conversations, self.gateway, self.inbound, self.inbox] + self.messaging.values.sorted()
    }

    func url(_ port: Int) -> String { "http://127.0.0.1:\(port)" }

    func url(_ replica: Replica) -> String { self.url(self.messaging[replica] ?? 0) }
}

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
/// A process that ended by itself meanwhile fails the test.
func withInstallation(
    _ plan: InstallationPlan,
    databases: [String: String],
    _ body: (Installation) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "herald-engine-\(UUID())").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    do {
        try await withProviderStub { stub in
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
                try await body(installation)
                await installation.checkFaults()
            }
        }
    } catch {
        print("Kept the logs of the failed test: \(folder)")
        throw error
    }
    if ProcessInfo.processInfo.environment["HERALD_KEEP"] == nil {
        try? FileManager.default.removeItem(atPath: folder)
    } else {
        print("Kept the logs of the test: \(folder)")
    }
}
