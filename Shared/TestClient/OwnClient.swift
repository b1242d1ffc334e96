package import AsyncHTTPClient

/// The HTTP client of one test.
///
/// One for all would keep connections to servers of before, whose ports the next ones may get: a request then meets the end of a
/// connection that was never its own.
package enum OwnClient {
    /// The client while `withServices` runs.
    @TaskLocal fileprivate static var current: HTTPClient?
    /// For programs, whose ports nobody else gets: it lives as long as the process.
    fileprivate static let lasting = Self.make()

    /// Opens as many connections as a test has calls under way.
    static func make() -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1024
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Runs `body` with a client of its own, unless it is called within another one's.
    package static func with<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        guard self.current == nil else { return try await body() }
        let client = self.make()
        do {
            let result = try await self.$current.withValue(client, operation: body)
            try await client.shutdown()
            return result
        } catch {
            try? await client.shutdown()
            throw error
        }
    }
}

extension HTTPClient {
    /// The running test's.
    package static var ofTest: HTTPClient { OwnClient.current ?? OwnClient.lasting }
}
