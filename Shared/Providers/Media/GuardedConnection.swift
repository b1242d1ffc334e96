import AsyncHTTPClient
import NIOCore
import NIOPosix
import Shared

/// A client that connects to one host, and only to an address of it that the egress guard has seen.
///
/// It is closed when nobody holds it any more.
final class GuardedConnection: Sendable {
    private let client: HTTPClient

    /// - Throws: `MediaRefusal` `notAllowed`, and `unanswered` where the host has no address.
    init(to address: MediaAddress, through guardian: EgressGuard) async throws(MediaRefusal) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            // For each part of the body; the deadline of a request ends with the head of its answer.
            timeout: .init(connect: .seconds(5), read: .seconds(30))
        )
        configuration.httpVersion = .http1Only
        configuration.decompression = .disabled
        // What a trace is called is no provider's business.
        configuration.tracing.tracer = nil
        let ip = try await Self.address(of: address, through: guardian)
        // Of a literal address there is nothing to resolve.
        if ip != address.host { configuration.dnsOverride = [address.host: ip] }
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit {
        let client = self.client
        Task.detached { try? await client.shutdown() }
    }

    func execute(_ request: HTTPClientRequest, before deadline: ContinuousClock.Instant) async throws(MediaRefusal)
        -> HTTPClientResponse
    {
        let remaining = ContinuousClock.now.duration(to: deadline)
        guard remaining > .zero else { throw .unanswered(ProviderError.deadlinePassed.detail) }
        do {
            return try await self.client.execute(request, deadline: .now() + TimeAmount(remaining))
        } catch {
            throw .unanswered(ProviderError(exchangeFailure: error).detail)
        }
    }

    /// In clear text only into ranges that are allowed, as for ports that are not usual.
    private static func address(
        of address: MediaAddress,
        through guardian: EgressGuard
    ) async throws(MediaRefusal) -> String {
        let answer: Result<[IPAddress], EgressGuard.Refusal>
        do {
            // Resolving blocks.
            answer = try await NIOThreadPool.singleton.runIfActive {
                do throws(EgressGuard.Refusal) {
                    return .success(
                        try guardian.addresses(
                            of: address.host,
                            port: address.port,
                            ports: address.isSecure ? [443] : []
                        )
                    )
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw .unanswered("The host could not be resolved.")
        }
        switch answer {
        case .success(let addresses):
            guard let first = addresses.first else { throw .unanswered("The host has no address.") }
            return first.description
        case .failure(.unresolved(let reason)): throw .unanswered(reason)
        case .failure(.notAllowed(let reason)): throw .notAllowed(reason)
        }
    }
}
