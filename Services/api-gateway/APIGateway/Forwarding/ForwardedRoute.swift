import HTTPTypes
package import InternalAPI
package import Shared

/// A route that another service answers, byte for byte; `all` has every one.
package struct ForwardedRoute: Sendable {
    /// Whatever a forwarded route's id names: the service that owns it knows.
    package enum Resource {}

    package enum Target: Sendable {
        case path(InternalPath)
        case pathOfID(@Sendable (ID<Resource>) -> InternalPath)
    }

    /// How long the service may take, and how much its caller may send.
    package enum Size: Sendable {
        case ordinary
        /// A thousand messages in full.
        case batch
        /// Little to send, and as much to do as for a batch: a thousand ids, or hours of a clock.
        case bulk

        package var bodyBytes: Int {
            switch self {
            case .ordinary, .bulk: Limits.bodyBytes
            case .batch: Limits.batchBytes
            }
        }
    }

    let method: HTTPRequest.Method
    let path: String
    let scope: Scope
    let service: ServiceName
    let target: Target
    let size: Size
    /// What the operator's key means without an organization; nil where it needs one.
    let everything: InternalPath?

    /// A route that messaging-service answers.
    static func messaging(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        _ target: Target,
        size: Size = .ordinary,
        everything: InternalPath? = nil
    ) -> Self {
        Self(
            method: method,
            path: path,
            scope: scope,
            service: .messagingService,
            target: target,
            size: size,
            everything: everything
        )
    }

    /// A route that inbound-gateway answers on its internal port.
    static func inbox(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        _ target: Target,
        size: Size = .ordinary
    ) -> Self {
        Self(
            method: method,
            path: path,
            scope: scope,
            service: .inboundGateway,
            target: target,
            size: size,
            everything: nil
        )
    }
}
