package import Configuration
import Logging
package import Postgres
package import ServiceLifecycle

/// A service that ended by itself, and what that did to the test.
package struct ServicesFailed: Error {
    package let cause: any Error
    package let effect: any Error
}

/// Runs services for the length of `body`, then shuts them down gracefully.
///
/// - Throws: what `body` throws; `ServicesFailed` when that follows from a service that could not start, or ended.
package func withServices<Result: Sendable>(
    _ services: [any Service],
    _ body: @Sendable () async throws -> Result
) async throws -> Result {
    let group = ServiceGroup(
        configuration: .init(services: services, logger: .quiet)
    )
    return try await OwnClient.with {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            let result: Result
            do {
                result = try await body()
            } catch let effect {
                await group.triggerGracefulShutdown()
                do { try await tasks.waitForAll() } catch { throw ServicesFailed(cause: error, effect: effect) }
                throw effect
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return result
        }
    }
}

/// The port of a server that was told to listen on port 0.
package struct ServerPort: Sendable {
    private let stream = AsyncStream.makeStream(of: Int.self)

    package init() {}

    package func set(_ port: Int) {
        self.stream.continuation.yield(port)
    }

    /// Waits until the server listens; to be called once.
    package func value() async -> Int {
        await self.stream.stream.first { _ in true } ?? 0
    }
}

extension ConfigReader {
    /// Configuration as a service reads it from its environment, listening on a port that the system chooses.
    ///
    /// Names may be written as keys too: `postgres.url` is `POSTGRES_URL`. For the database it waits like
    /// `PostgresConfig.test`.
    package static func test(_ settings: [String: String]) -> ConfigReader {
        var values = ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "0"]
        for pool in ["POSTGRES", "ENGINE_POSTGRES"] {
            values["\(pool)_STATEMENT_TIMEOUT"] = "60"
            values["\(pool)_ACQUIRE_TIMEOUT"] = "60"
        }
        for (name, value) in settings { values[name.replacing(".", with: "_").uppercased()] = value }
        return ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: values))
    }
}

extension PostgresConfig {
    /// Of a database that may take a minute, as it does on a machine that is busy with other tests.
    package static func test(url: String = TestDatabase.url) throws -> PostgresConfig {
        try PostgresConfig(url: url, statementTimeout: .seconds(60), acquireTimeout: .seconds(60))
    }
}
