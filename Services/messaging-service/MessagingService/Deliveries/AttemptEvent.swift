package import InternalAPI
package import Shared

/// One event about one attempt, and where it came from.
package struct AttemptEvent: Sendable {
    package enum Source: Sendable {
        case worker(name: String, startedAt: Timestamp, endedAt: Timestamp)
        case provider(eventKey: String)
        /// The provider was asked about it.
        case lookUp
        /// A worker gave it back unused.
        case givenBack
        /// A worker has been silent for too long while it held the message.
        case crash
        /// A worker ended without a word while it held the message, and its next life says what is known.
        case recovery
        /// The lease ended, though its worker lives.
        case leaseEnd
        /// A worker's journal told it to a database that was restored: it is old news about the account.
        case replay(name: String, startedAt: Timestamp, endedAt: Timestamp)

        /// Who is named as its cause.
        var actor: String {
            switch self {
            case .provider: Activity.provider
            case .worker, .lookUp, .givenBack, .crash, .recovery, .leaseEnd, .replay: Activity.engine
            }
        }
    }

    /// What only a worker knows of an attempt.
    struct Work {
        let worker: String
        let startedAt: Timestamp
        let endedAt: Timestamp
    }

    package let orgID: OrgID
    package let reference: AttemptReference
    package let event: DeliveryEvent
    package let source: Source

    package init(orgID: OrgID, reference: AttemptReference, event: DeliveryEvent, source: Source) {
        self.orgID = orgID
        self.reference = reference
        self.event = event
        self.source = source
    }

    package init(_ outcome: MessagingAPI.AttemptOutcome, by worker: MessagingAPI.WorkerIdentity) {
        self.init(
            orgID: outcome.orgID,
            reference: outcome.reference,
            event: DeliveryEvent(outcome),
            source: .worker(name: worker.name, startedAt: outcome.startedAt, endedAt: outcome.endedAt)
        )
    }

    var work: Work? {
        switch self.source {
        case .worker(let name, let startedAt, let endedAt), .replay(let name, let startedAt, let endedAt):
            Work(worker: name, startedAt: startedAt, endedAt: endedAt)
        case .provider, .lookUp, .givenBack, .crash, .recovery, .leaseEnd: nil
        }
    }

    package var key: MessageKey { MessageKey(orgID: self.orgID, id: self.reference.messageID) }

    /// The same event by the organization's clock, which is ahead of ours.
    func shifted(by offset: Duration) -> AttemptEvent {
        guard offset > .zero else { return self }
        let source: Source =
            switch self.source {
            case .worker(let name, let startedAt, let endedAt):
                .worker(name: name, startedAt: startedAt + offset, endedAt: endedAt + offset)
            case .replay(let name, let startedAt, let endedAt):
                .replay(name: name, startedAt: startedAt + offset, endedAt: endedAt + offset)
            case .provider, .lookUp, .givenBack, .crash, .recovery, .leaseEnd:
                self.source
            }
        return AttemptEvent(
            orgID: self.orgID,
            reference: self.reference,
            event: self.event.shifted(by: offset),
            source: source
        )
    }
}
