package import AsyncHTTPClient
import NIOCore

extension HTTPClient {
    /// The client for all internal calls of a process.
    ///
    /// - Parameter connections: to each service at the same time. The client's own default of 8 would be the bottleneck:
    ///   a call waits on Postgres at its other end.
    /// - Returns: to be shut down when the process ends.
    package static func `internal`(connections: Int = 64) -> HTTPClient {
        var configuration = Configuration()
        // Two seconds are plenty inside one network, and leave time for a second try within a call's deadline.
        configuration.timeout = .init(connect: .seconds(2))
        configuration.redirectConfiguration = .disallow
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        // Shorter than the 60 s after which our servers close an idle connection: a call must not meet that moment.
        configuration.connectionPool.idleTimeout = .seconds(30)
        // A refused connection is an answer; the caller decides whether to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        // `InternalClient` makes the spans; the client's own would put a second `traceparent` beside its.
        configuration.tracing.tracer = nil
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
