import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Shared

/// An HTTP client that connects to one host only, at one address that the egress guard has seen.
///
/// It is closed when nobody holds it any more.
final class GuardedClient: Sendable {
    let address: IPAddress
    private let client: HTTPClient

    /// - Parameters:
    ///   - host: as it stands in URLs, which certificates are checked against.
    ///   - address: what is connected to in its place.
    init(host: String, at address: IPAddress) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5)),
            connectionPool: .init(
                idleTimeout: .seconds(15),
                concurrentHTTP1ConnectionsPerHostSoftLimit: 64
            )
        )
        // Another address of the host is tried instead.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        // What a trace is called is no provider's business.
        configuration.tracing.tracer = nil
        // Of a literal address there is nothing to resolve.
        if address.description != host { configuration.dnsOverride = [host: address.description] }
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.address = address
    }

    deinit {
        let client = self.client
        Task.detached { try? await client.shutdown() }
    }

    func post(
        _ url: String,
        headers: HTTPHeaders,
        body: [UInt8],
        before deadline: ContinuousClock.Instant
    ) async -> ExchangeEnd {
        // It must not be closed under the request.
        defer { withExtendedLifetime(self) {} }
        return await ProviderExchange(client: self.client).post(
            url,
            headers: headers,
            body: body,
            reading: .beginning,
            before: deadline
        )
    }
}
