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
        /// Of an id, and a place `{n}` in what it names, counted from 0.
        case pathOfPlace(@Sendable (ID<Resource>, Int) -> InternalPath)
    }

    /// How long the service may take, and how much its caller may send.
    package enum Size: Sendable {
        case ordinary
        /// A message with its attachments.
        case message
        /// A thousand messages in full.
        case batch
        /// A hundred thousand recipients.
        case broadcast
        /// Little to send, and as much to do as for a batch: a thousand ids, hours of a clock, or a provider to be waited for.
        case bulk
        /// Nothing to send, and an answer of any length, which is passed on while it arrives.
        case file

        package var bodyBytes: Int {
            switch self {
            case .ordinary, .bulk, .file: Limits.bodyBytes
            case .message: Limits.attachmentsBytes
            case .batch: Limits.batchBytes
            case .broadcast: Limits.broadcastBytes
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
    /// Whether it makes one message.
    var isCreate: Bool { self.method == .post && self.path == "/messages" }

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

    /// A route that conversation-service answers.
    static func conversations(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        _ target: Target
    ) -> Self {
        Self(
            method: method,
            path: path,
            scope: scope,
            service: .conversationService,
            target: target,
            size: .ordinary,
            everything: nil
        )
    }
}
