import Foundation
package import Logging
import ServiceLifecycle

/// A stub that runs in this process, for tests.
package struct RunningProviderStub: Sendable {
    package let port: Int
    private let app: ProviderStubApp

    init(port: Int, app: ProviderStubApp) {
        self.port = port
        self.app = app
    }

    /// Without a slash at the end.
    package var url: String { "http://127.0.0.1:\(self.port)" }
    package var ledger: Ledger { self.app.ledger }
    package var behaviours: Behaviours { self.app.behaviours }
    package var callbacks: Callbacks { self.app.callbacks }
    package var stats: StubStats { self.app.stats }
    /// Base64 of the key that verifies SendGrid's events.
    package var sendGridPublicKey: String { self.app.sendGridPublicKey }
}

/// The stub ended before it listened.
package struct ProviderStubNotStarted: Error {}

/// Runs a stub on a free port, with a ledger that is removed afterwards, for as long as `body` takes.
///
/// - Parameters:
///   - configure: changes the settings before the start, for example the webhook base.
///   - logger: of the stub's server; silent unless given.
///   - body: what to do with it.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws, or why the stub did not start.
package func withProviderStub<Value: Sendable>(
    configure: (inout ProviderStubSettings) -> Void = { _ in },
    logger: Logger? = nil,
    _ body: (RunningProviderStub) async throws -> Value
) async throws -> Value {
    let path = FileManager.default.temporaryDirectory.appending(path: "provider-stub-\(UUID()).jsonl").path()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var settings = ProviderStubSettings(ledgerPath: path)
    configure(&settings)
    let logger = logger ?? Logger.silent
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let app = try ProviderStubApp(settings: settings, logger: logger) { port.yield($0) }
    let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { port.finish() }
            try await group.run()
        }
        guard let port = await ports.first(where: { _ in true }) else {
            try await tasks.waitForAll()
            throw ProviderStubNotStarted()
        }
        do {
            let value = try await body(RunningProviderStub(port: port, app: app))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return value
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}

extension Logger {
    /// Only what ends the stub.
    static var silent: Logger {
        var logger = Logger(label: "provider-stub", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .critical
        return logger
    }
}
