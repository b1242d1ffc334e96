package import InternalAPI
package import Shared

/// Something that became known about one attempt: from its worker, its provider, or from silence.
package struct DeliveryEvent: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// The lease ended, or its worker died.
        case lost
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

    package init(
        _ kind: Kind,
        error: ProviderError? = nil,
        providerMessageID: String? = nil,
        occurredAt: Timestamp? = nil
    ) {
        self.kind = kind
        self.error = error
        // Longer than any provider's, and short enough for the index that finds it again.
        self.providerMessageID = providerMessageID?.storable(upTo: 400)
        self.occurredAt = occurredAt
    }

    /// What it makes of the attempt, taken by itself.
    package var attemptState: AttemptState {
        switch self.kind {
        case .lost: .lost
        case .uncertain: .uncertain
        case .sent: .sent
        case .failed: .failed
        case .delivered: .delivered
        case .read: .read
        }
    }

    package var failureClass: FailureClass? {
        switch self.kind {
        case .failed(let failureClass, _): failureClass
        case .uncertain: .uncertain
        case .lost, .sent, .delivered, .read: nil
        }
    }
}

extension DeliveryEvent {
    /// The outcome of an attempt, as its worker tells it.
    package init(_ outcome: MessagingAPI.AttemptOutcome) {
        switch outcome.outcome {
        case .accepted(let providerMessageID):
            self.init(.sent, providerMessageID: providerMessageID, occurredAt: outcome.endedAt)
        case .throttled(let error, let retryAfter, _):
            self.init(.failed(.throttled, retryAfter: retryAfter), error: error, occurredAt: outcome.endedAt)
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
