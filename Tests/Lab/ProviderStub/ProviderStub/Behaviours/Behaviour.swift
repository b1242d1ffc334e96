/// What the stub does with a request that a provider would accept.
package enum Behaviour: Sendable, Equatable {
    case accept
    /// An error answer in the provider's own shape.
    case reject(status: Int, code: Int, message: String)
    /// 429 with `Retry-After` in seconds.
    case throttle(retryAfter: Int)
    /// A complete 5xx answer.
    case serverError(status: Int)
    /// No answer and no close, until the client gives up.
    case hang
    /// In the ledger, then the connection is closed without an answer: the sender cannot know.
    case acceptThenCut
    /// The connection is closed without an answer, and nothing is in the ledger.
    case cut
    /// Accepted after a wait.
    case slow(Duration)
    /// In the ledger, answered 200 with a body that is no JSON.
    case garbage
}

/// Which requests a rule is for; what is nil matches everything.
package struct BehaviourMatch: Sendable, Hashable {
    package var provider: StubProvider?
    /// Compared without a leading `+` and without `whatsapp:`.
    package var to: String?
    package var account: String?

    package init(provider: StubProvider? = nil, to: String? = nil, account: String? = nil) {
        self.provider = provider
        self.to = to.map(Self.normalized)
        self.account = account
    }

    /// A number as both providers' spellings have it in common.
    static func normalized(_ recipient: String) -> String {
        var text = recipient[...]
        if text.hasPrefix("whatsapp:") {
            text = text.dropFirst("whatsapp:".count)
        }
        if text.hasPrefix("+") {
            text = text.dropFirst()
        }
        return String(text)
    }
}

/// A behaviour, how often it applies, and what is reported back about the messages it accepts.
package struct BehaviourRule: Sendable, Equatable {
    package var behaviour: Behaviour
    /// Requests it applies to before it is dropped; nil is for ever.
    package var times: Int?
    /// Statuses reported instead of the configured ones.
    package var statuses: [CallbackStatus]?

    package init(_ behaviour: Behaviour, times: Int? = nil, statuses: [CallbackStatus]? = nil) {
        self.behaviour = behaviour
        self.times = times
        self.statuses = statuses
    }
}
