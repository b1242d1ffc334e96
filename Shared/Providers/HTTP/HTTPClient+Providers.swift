package import AsyncHTTPClient
package import NIOCore

extension HTTPClient {
    /// Makes a client for requests to providers; whoever calls this shuts it down.
    ///
    /// - It follows no redirect: a redirected POST would be a second request, to a host that nobody chose.
    /// - HTTP/1.1 only: when a connection is lost, one message is uncertain and not all that shared it.
    /// - An idle connection is closed by us after 15 s, before the usual 30 to 60 s of providers: a request written while
    ///   the other side closes is uncertain.
    /// - Parameters:
    ///   - connectionsPerHost: requests beyond it wait for a connection, for at most `connectTimeout`.
    ///   - connectTimeout: for a connection with its TLS handshake; a failed one is tried again within it.
    /// - Returns: a client on the process's shared event loops.
    package static func forProviders(
        connectionsPerHost: Int = 128,
        connectTimeout: TimeAmount = .seconds(5)
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: connectTimeout),
            connectionPool: .init(
                idleTimeout: .seconds(15),
                concurrentHTTP1ConnectionsPerHostSoftLimit: connectionsPerHost
            )
        )
        configuration.httpVersion = .http1Only
        // What a trace is called is no provider's business.
        configuration.tracing.tracer = nil
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }
}
