import HTTPTypes
import InternalAPI
import Shared

extension ForwardedRoute {
    /// Who may send to many may send to one, and so see what was sent; not the other way round.
    static let broadcasts: [Self] = [
        .messaging(.post, "/broadcasts", .broadcastsWrite, .path("/internal/broadcasts"), size: .broadcast),
        .messaging(.get, "/broadcasts", .broadcastsRead, .path("/internal/broadcasts")),
        .messaging(.get, "/broadcasts/{id}", .broadcastsRead, .pathOfID { "/internal/broadcasts/\($0)" }),
        .messaging(
            .get,
            "/broadcasts/{id}/recipients",
            .broadcastsRead,
            .pathOfID { "/internal/broadcasts/\($0)/recipients" }
        ),
        .messaging(
            .get,
            "/broadcasts/{id}/messages",
            .broadcastsRead,
            .pathOfID { "/internal/broadcasts/\($0)/messages" }
        ),
        .messaging(.post, "/broadcasts/{id}/pause", .broadcastsWrite, .pathOfID { "/internal/broadcasts/\($0)/pause" }),
        .messaging(
            .post,
            "/broadcasts/{id}/resume",
            .broadcastsWrite,
            .pathOfID { "/internal/broadcasts/\($0)/resume" }
        ),
        .messaging(
            .post,
            "/broadcasts/{id}/cancel",
            .broadcastsWrite,
            .pathOfID { "/internal/broadcasts/\($0)/cancel" }
        ),
        .messaging(.post, "/broadcasts/{id}/retry", .broadcastsWrite, .pathOfID { "/internal/broadcasts/\($0)/retry" }),
    ]
}
