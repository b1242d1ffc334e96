import HTTPTypes
package import InternalAPI
package import Shared

/// A route that another service answers, byte for byte.
package struct ForwardedRoute: Sendable {
    /// Whatever a forwarded route's id names: the service that owns it knows.
    package enum Resource {}

    package enum Target: Sendable {
        case path(InternalPath)
        case pathOfID(@Sendable (ID<Resource>) -> InternalPath)
    }

    /// How long the service may take, and how much its caller may send.
    package enum Size: Sendable {
        case ordinary, batch

        package var bodyBytes: Int {
            switch self {
            case .ordinary: Limits.bodyBytes
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

    private init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        _ service: ServiceName,
        _ target: Target,
        size: Size = .ordinary
    ) {
        self.method = method
        self.path = path
        self.scope = scope
        self.service = service
        self.target = target
        self.size = size
    }

    /// Every forwarded route, once.
    static let all: [ForwardedRoute] = [
        .init(.post, "/messages", .messagesWrite, .messagingService, .path("/internal/messages")),
        .init(.get, "/messages", .messagesRead, .messagingService, .path("/internal/messages")),
        .init(
            .post,
            "/messages/batch",
            .messagesWrite,
            .messagingService,
            .path("/internal/messages/batch"),
            size: .batch
        ),
        .init(.get, "/messages/{id}", .messagesRead, .messagingService, .pathOfID { "/internal/messages/\($0)" }),
        .init(
            .get,
            "/messages/{id}/timeline",
            .messagesRead,
            .messagingService,
            .pathOfID { "/internal/messages/\($0)/timeline" }
        ),
        .init(.post, "/channel-accounts", .accountsWrite, .messagingService, .path("/internal/channel-accounts")),
        .init(.get, "/channel-accounts", .accountsRead, .messagingService, .path("/internal/channel-accounts")),
        .init(
            .get,
            "/channel-accounts/{id}",
            .accountsRead,
            .messagingService,
            .pathOfID { "/internal/channel-accounts/\($0)" }
        ),
        .init(.get, "/stats/queue", .statsRead, .messagingService, .path("/internal/stats/queue")),
        .init(.get, "/stats/deliveries", .statsRead, .messagingService, .path("/internal/stats/deliveries")),
    ]
}
