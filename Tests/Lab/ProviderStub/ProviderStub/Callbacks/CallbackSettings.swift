/// What is reported about accepted messages, and when.
package struct CallbackSettings: Sendable, Equatable {
    /// In this order, each a request of its own.
    package var statuses: [CallbackStatus]
    /// Wait before each of them.
    package var delay: Duration
    /// The provider's code of a `failed` status; nil is each provider's "cannot be delivered".
    package var failureCode: Int?
    package var isEnabled: Bool
    /// Whether a callback that nobody takes is given up after 23 s; else it is repeated until it is taken.
    package var givesUp = true

    package init(
        statuses: [CallbackStatus] = [.sent, .delivered, .read],
        delay: Duration = .zero,
        failureCode: Int? = nil,
        isEnabled: Bool = true
    ) {
        self.statuses = statuses
        self.delay = delay
        self.failureCode = failureCode
        self.isEnabled = isEnabled
    }
}

/// Where one WhatsApp number's webhooks go, and the secret they are signed with.
package struct WhatsAppWebhook: Sendable, Equatable {
    package var url: String
    package var appSecret: String

    package init(url: String, appSecret: String) {
        self.url = url
        self.appSecret = appSecret
    }
}
