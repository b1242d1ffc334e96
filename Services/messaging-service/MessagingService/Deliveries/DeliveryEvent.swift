package import InternalAPI
package import Shared

/// Something that became known about one attempt: from its worker, its provider, or from silence.
package struct DeliveryEvent: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Nothing left: the lease was given back.
        case unused
        case uncertain
        case sent
        case failed(FailureClass, retryAfter: Duration?)
        case delivered
        case read
    }

    package let kind: Kind
    package let error: ProviderError?
    package let providerMessageID: String?
    /// By the clock of whoever said it; nil when it did not say.
    package let occurredAt: Timestamp?
    /// Whom a throttling answer was about.
    package let throttleScope: ThrottleScope

    package init(
        _ kind: Kind,
        error: ProviderError? = nil,
        providerMessageID: String? = nil,
        occurredAt: Timestamp? = nil,
        throttleScope: ThrottleScope = .account
    ) {
        self.kind = kind
        self.error = error
        // Longer than any provider's, and short enough for the index that finds it again.
        self.providerMessageID = providerMessageID?.storable(upTo: 400)
        self.occurredAt = occurredAt
        self.throttleScope = throttleScope
    }

    /// The same event by a clock that is ahead.
    func shifted(by offset: Duration) -> DeliveryEvent {
        DeliveryEvent(
            self.kind,
            error: self.error,
            providerMessageID: self.providerMessageID,
            occurredAt: self.occurredAt.map { $0 + offset },
            throttleScope: self.throttleScope
        )
    }

    /// What it makes of the attempt, taken by itself.
    package var attemptState: AttemptState {
        switch self.kind {
        case .unused: .unused
        case .uncertain: .uncertain
        case .sent: .sent
        case .failed: .failed
        case .delivered: .delivered
        case .read: .read
        }
    }

    /// How far the message got by it; nil when it did not get anywhere.
    var arrival: MessageStatus? {
        switch self.kind {
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .unused, .uncertain, .failed: nil
        }
    }

    package var failureClass: FailureClass? {
        switch self.kind {
        case .failed(let failureClass, _): failureClass
        case .uncertain: .uncertain
        case .unused, .sent, .delivered, .read: nil
        }
    }
}

extension DeliveryEvent {
    /// The outcome of an attempt, as its worker tells it.
    package init(_ outcome: MessagingAPI.AttemptOutcome) {
        switch outcome.outcome {
        case .accepted(let providerMessageID):
            self.init(.sent, providerMessageID: providerMessageID, occurredAt: outcome.endedAt)
        case .throttled(let error, let retryAfter, let scope):
            self.init(
                .failed(.throttled, retryAfter: retryAfter),
                error: error,
                occurredAt: outcome.endedAt,
                throttleScope: scope
            )
        case .failedTransiently(let error, let retryAfter):
            self.init(.failed(.transient, retryAfter: retryAfter), error: error, occurredAt: outcome.endedAt)
        case .rejected(let error):
            self.init(.failed(.permanent, retryAfter: nil), error: error, occurredAt: outcome.endedAt)
        case .accountBlocked(let error):
            self.init(.failed(.account, retryAfter: nil), error: error, occurredAt: outcome.endedAt)
        case .uncertain(let error):
            self.init(.uncertain, error: error, occurredAt: outcome.endedAt)
        }
    }

    /// What a provider reported; nil for a note, which says nothing about the state.
    package init?(_ report: ProviderReport) {
        let id = report.providerMessageID
        switch report.status {
        case .sent: self.init(.sent, providerMessageID: id, occurredAt: report.occurredAt)
        case .delivered: self.init(.delivered, providerMessageID: id, occurredAt: report.occurredAt)
        case .read: self.init(.read, providerMessageID: id, occurredAt: report.occurredAt)
        case .failed(let error, let failureClass):
            self.init(
                failureClass == .uncertain ? .uncertain : .failed(failureClass, retryAfter: nil),
                error: error,
                providerMessageID: id,
                occurredAt: report.occurredAt
            )
        case .note: return nil
        }
    }
}
