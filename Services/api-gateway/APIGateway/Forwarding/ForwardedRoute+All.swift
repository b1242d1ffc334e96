import HTTPTypes
import InternalAPI
import Shared

extension ForwardedRoute {
    /// Every forwarded route, once.
    static let all =
        Self.messages + Self.conversationMessages + Self.failed + Self.accounts + Self.queue + Self.statistics
        + Self.webhookEvents + Self.conversations + Self.customers + Self.templates + Self.broadcasts

    private static let messages: [Self] = [
        .messaging(.post, "/messages", .messagesWrite, .path("/internal/messages"), size: .message),
        .messaging(.get, "/messages", .messagesRead, .path("/internal/messages")),
        .messaging(.post, "/messages/batch", .messagesWrite, .path("/internal/messages/batch"), size: .batch),
        .messaging(.post, "/messages/bulk", .messagesWrite, .path("/internal/messages/bulk"), size: .bulk),
        .messaging(.get, "/messages/{id}", .messagesRead, .pathOfID { "/internal/messages/\($0)" }),
        .messaging(
            .patch,
            "/messages/{id}",
            .messagesWrite,
            .pathOfID { "/internal/messages/\($0)" },
            size: .message
        ),
        .messaging(.delete, "/messages/{id}", .messagesWrite, .pathOfID { "/internal/messages/\($0)" }),
        .messaging(.get, "/messages/{id}/timeline", .messagesRead, .pathOfID { "/internal/messages/\($0)/timeline" }),
        .messaging(
            .get,
            "/messages/{id}/attachments/{n}",
            .messagesRead,
            .pathOfPlace { "/internal/messages/\($0)/attachments/\($1)" },
            size: .file
        ),
        .messaging(.post, "/messages/{id}/cancel", .messagesWrite, .pathOfID { "/internal/messages/\($0)/cancel" }),
        .messaging(.post, "/messages/{id}/retry", .messagesWrite, .pathOfID { "/internal/messages/\($0)/retry" }),
        .messaging(.post, "/messages/{id}/send-now", .messagesWrite, .pathOfID { "/internal/messages/\($0)/send-now" }),
        .messaging(.post, "/messages/{id}/resolve", .messagesWrite, .pathOfID { "/internal/messages/\($0)/resolve" }),
        .messaging(.get, "/jobs", .messagesRead, .path("/internal/jobs")),
        .messaging(.get, "/jobs/{id}", .messagesRead, .pathOfID { "/internal/jobs/\($0)" }),
    ]

    private static let conversationMessages: [Self] = [
        .messaging(
            .get,
            "/conversations/{id}/messages",
            .messagesRead,
            .pathOfID { "/internal/conversations/\($0)/messages" }
        ),
        .messaging(
            .post,
            "/conversations/{id}/messages",
            .messagesWrite,
            .pathOfID { "/internal/conversations/\($0)/messages" },
            size: .message
        ),
    ]

    private static let failed: [Self] = [
        .messaging(.get, "/failed", .messagesRead, .path("/internal/failed")),
        .messaging(.post, "/failed/flush", .messagesWrite, .path("/internal/failed/flush")),
    ]

    private static let accounts: [Self] = [
        .messaging(.post, "/channel-accounts", .accountsWrite, .path("/internal/channel-accounts")),
        .messaging(.get, "/channel-accounts", .accountsRead, .path("/internal/channel-accounts")),
        .messaging(.get, "/channel-accounts/{id}", .accountsRead, .pathOfID { "/internal/channel-accounts/\($0)" }),
        .messaging(.patch, "/channel-accounts/{id}", .accountsWrite, .pathOfID { "/internal/channel-accounts/\($0)" }),
        .messaging(.delete, "/channel-accounts/{id}", .accountsWrite, .pathOfID { "/internal/channel-accounts/\($0)" }),
        .messaging(
            .post,
            "/channel-accounts/{id}/park",
            .accountsWrite,
            .pathOfID { "/internal/channel-accounts/\($0)/park" }
        ),
        .messaging(
            .post,
            "/channel-accounts/{id}/resume",
            .accountsWrite,
            .pathOfID { "/internal/channel-accounts/\($0)/resume" }
        ),
        .messaging(
            .post,
            "/channel-accounts/{id}/check",
            .accountsWrite,
            .pathOfID { "/internal/channel-accounts/\($0)/check" },
            size: .bulk
        ),
    ]

    private static let queue: [Self] = [
        .messaging(
            .post,
            "/queue/pause",
            .queueWrite,
            .path("/internal/queue/pause"),
            everything: "/internal/engine/pause"
        ),
        .messaging(
            .post,
            "/queue/continue",
            .queueWrite,
            .path("/internal/queue/continue"),
            everything: "/internal/engine/continue"
        ),
        .messaging(.get, "/queue", .statsRead, .path("/internal/queue"), everything: "/internal/engine/queue"),
        .messaging(.get, "/clock", .statsRead, .path("/internal/clock")),
        .messaging(.post, "/clock/advance", .queueWrite, .path("/internal/clock/advance"), size: .bulk),
    ]

    private static let statistics: [Self] = [
        .messaging(.get, "/stats/queue", .statsRead, .path("/internal/stats/queue")),
        .messaging(.get, "/stats/deliveries", .statsRead, .path("/internal/stats/deliveries")),
    ]

    private static let webhookEvents: [Self] = [
        .inbox(
            .post,
            "/channel-accounts/{id}/backfill",
            .webhooksWrite,
            .pathOfID { "/internal/channel-accounts/\($0)/backfill" },
            size: .bulk
        ),
        .inbox(.get, "/webhook-events", .webhooksRead, .path("/internal/webhook-events")),
        .inbox(
            .post,
            "/webhook-events/replay",
            .webhooksWrite,
            .path("/internal/webhook-events/replay"),
            size: .bulk
        ),
        .inbox(.get, "/webhook-events/{id}", .webhooksRead, .pathOfID { "/internal/webhook-events/\($0)" }),
        .inbox(
            .post,
            "/webhook-events/{id}/replay",
            .webhooksWrite,
            .pathOfID { "/internal/webhook-events/\($0)/replay" }
        ),
    ]

    private static let conversations: [Self] = [
        .conversations(.get, "/conversations", .conversationsRead, .path("/internal/conversations")),
        .conversations(.get, "/conversations/{id}", .conversationsRead, .pathOfID { "/internal/conversations/\($0)" }),
        .conversations(
            .post,
            "/conversations/{id}/assign",
            .conversationsWrite,
            .pathOfID { "/internal/conversations/\($0)/assign" }
        ),
        .conversations(
            .post,
            "/conversations/{id}/close",
            .conversationsWrite,
            .pathOfID { "/internal/conversations/\($0)/close" }
        ),
        .conversations(
            .post,
            "/conversations/{id}/reopen",
            .conversationsWrite,
            .pathOfID { "/internal/conversations/\($0)/reopen" }
        ),
        .conversations(
            .post,
            "/conversations/{id}/read",
            .conversationsWrite,
            .pathOfID { "/internal/conversations/\($0)/read" }
        ),
    ]
}
