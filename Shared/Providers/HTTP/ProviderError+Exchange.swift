import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import Shared

extension ProviderError {
    static let deadlinePassed = ProviderError(
        code: "deadline",
        detail: "The time for the attempt was over before it began."
    )

    /// Names the end of a request that got no complete answer; it says nothing about whether the request left.
    init(exchangeFailure error: any Error) {
        switch error {
        case let error as HTTPClientError: self.init(clientFailure: error)
        case let error as NIOConnectionError:
            let lookupFailed = error.connectionErrors.isEmpty && (error.dnsAError != nil || error.dnsAAAAError != nil)
            self.init(
                code: lookupFailed ? "dns-failure" : "connection-refused",
                detail: lookupFailed
                    ? "The name \(error.host) could not be resolved." : "No connection to \(error.host):\(error.port)."
            )
        case is NIOTooManyBytesError:
            self.init(code: "answer-too-long", detail: "The answer is longer than any answer of this provider.")
        case is CancellationError:
            self.init(code: "cancelled", detail: "The attempt was cancelled.")
        case let error as IOError where Self.refusals.contains(error.errnoCode):
            self.init(code: "connection-refused", detail: "No connection to the provider: \(error).")
        case HTTPParserError.invalidEOFState:
            self.init(code: "connection-lost", detail: "The provider closed the connection in its answer.")
        case let error as HTTPParserError:
            self.init(code: "answer-malformed", detail: "The answer is not HTTP: \(error).")
        case is ChannelError, is IOError:
            self.init(code: "connection-lost", detail: "The connection was lost: \(error).")
        default:
            // TLS failures come in types of the TLS library; their names are all an operator needs.
            self.init(code: "connection-failed", detail: "The connection failed: \(error).")
        }
    }

    private static let refusals: Set<CInt> = [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH]

    private init(clientFailure error: HTTPClientError) {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout:
            self.init(code: "timeout", detail: "No complete answer came in time.")
        case .connectTimeout, .tlsHandshakeTimeout:
            self.init(code: "connect-timeout", detail: "No connection was made in time.")
        case .getConnectionFromPoolTimeout:
            self.init(code: "connection-pool-timeout", detail: "All connections to the provider stayed busy.")
        case .remoteConnectionClosed:
            self.init(code: "connection-lost", detail: "The provider closed the connection without a complete answer.")
        case .cancelled:
            self.init(code: "cancelled", detail: "The attempt was cancelled.")
        default:
            self.init(code: "connection-failed", detail: "The request failed: \(error.shortDescription).")
        }
    }
}
