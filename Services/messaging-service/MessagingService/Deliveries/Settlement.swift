package import InternalAPI
package import Shared

/// One event about one attempt, and where it came from.
package struct AttemptEvent: Sendable {
    package enum Source: Sendable {
        case worker(name: String, startedAt: Timestamp, endedAt: Timestamp)
        case provider(eventKey: String)
        /// Nobody said anything: a lease ended.
        case silence
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
}

/// One message while events are applied to it: what was stored, and what it becomes.
///
/// A value without any I/O: it is read under the message's lock, changed by `apply`, and written by `SettlementStore`.
package struct Settlement: Sendable {
    package struct Attempt: Sendable, Equatable {
        package let number: Int
        package var state: AttemptState
        package var worker: String?
        package var startedAt: Timestamp?
        package var endedAt: Timestamp?
        package var providerMessageID: String?
        package var error: ProviderError?
        package var failureClass: FailureClass?
        package var retryAfter: Duration?
    }

    package enum QueueChange: Sendable, Equatable {
        case remove
        case requeue(after: Duration)
        case hold
    }

    package let stored: StoredMessage
    package private(set) var status: MessageStatus
    package private(set) var attemptCount: Int
    package private(set) var latestAttempt: Int
    /// By number; those in `changedAttempts` are to be written.
    package private(set) var attempts: [Int: Attempt]
    package private(set) var changedAttempts: Set<Int> = []
    package private(set) var queueChange: QueueChange?
    package private(set) var times: [MessageStatus: Timestamp] = [:]
    /// The error to show with the message; nil inside leaves none.
    package private(set) var error: (ProviderError, FailureClass)?
    package private(set) var providerMessageID: String?
    /// Why the account can not send, when an event said so.
    package private(set) var accountBlock: ProviderError?

    package init(_ stored: StoredMessage, attempts: [Attempt]) {
        self.stored = stored
        self.status = stored.status
        self.attemptCount = stored.attemptCount
        self.latestAttempt = max(stored.lastAttempt, stored.epoch ?? 0)
        self.attempts = Dictionary(uniqueKeysWithValues: attempts.map { ($0.number, $0) })
    }

    package var isChanged: Bool { !self.changedAttempts.isEmpty }

    /// Applies one event; `now` and `jitter` (0.8...1.2) are passed in, so that it stays pure.
    package mutating func apply(_ event: AttemptEvent, now: Timestamp, jitter: Double) -> MessageTransition {
        let number = event.reference.number
        let known = self.attempts[number]
        let snapshot = MessageSnapshot(
            status: self.status,
            channel: self.stored.channel,
            latestAttempt: self.latestAttempt,
            attemptCount: self.attemptCount,
            retryPolicy: self.stored.retryPolicy,
            anotherArrived: self.attempts.values.contains { $0.number != number && $0.state.hasArrived },
            lostAttempts: self.attempts.values.count { $0.state == .lost }
        )
        let transition = snapshot.applying(event.event, toAttempt: number, known: known?.state, jitter: jitter)
        if case .ignore = transition {
            self.complete(number, by: event)
            return transition
        }
        self.note(event, on: number, known: known)
        self.follow(transition, event: event.event, number: number, now: now)
        return transition
    }

    /// Adds what only the worker knows to an attempt whose end a provider reported first.
    private mutating func complete(_ number: Int, by event: AttemptEvent) {
        guard case .worker(let name, let startedAt, let endedAt) = event.source, var attempt = self.attempts[number],
            attempt.worker == nil
        else { return }
        (attempt.worker, attempt.startedAt, attempt.endedAt) = (name, startedAt, endedAt)
        attempt.providerMessageID = attempt.providerMessageID ?? event.event.providerMessageID
        self.attempts[number] = attempt
        self.changedAttempts.insert(number)
    }

    private mutating func note(_ event: AttemptEvent, on number: Int, known: Attempt?) {
        let state = event.event.attemptState
        var attempt = known ?? Attempt(number: number, state: state)
        attempt.state = attempt.state.folding(state, on: self.stored.channel)
        if case .worker(let name, let startedAt, let endedAt) = event.source {
            (attempt.worker, attempt.startedAt, attempt.endedAt) = (name, startedAt, endedAt)
        }
        attempt.providerMessageID = attempt.providerMessageID ?? event.event.providerMessageID
        attempt.error = event.event.error ?? attempt.error
        attempt.failureClass = event.event.failureClass ?? attempt.failureClass
        self.attempts[number] = attempt
        self.changedAttempts.insert(number)
        self.latestAttempt = max(self.latestAttempt, number)
    }

    private mutating func follow(
        _ transition: MessageTransition,
        event: DeliveryEvent,
        number: Int,
        now: Timestamp
    ) {
        switch transition {
        case .ignore, .noteAttempt:
            break
        case .settle(let status):
            self.settle(status, event: event, now: now)
        case .retry(let wait, let cost):
            if cost == .counts { self.attemptCount += 1 }
            self.requeue(after: wait, event: event, number: number)
        case .waitForAccount:
            self.accountBlock = event.error
            self.requeue(after: BlockedAccount.firstWait, event: event, number: number)
        case .hold:
            self.status = .uncertain
            self.error = event.error.map { ($0, .uncertain) }
            self.queueChange = .hold
        }
    }

    private mutating func settle(_ status: MessageStatus, event: DeliveryEvent, now: Timestamp) {
        // Counted when it is over: one attempt accepted, or one refused for good.
        if self.stored.status != .failed,
            self.status == .queued || self.status == .scheduled || self.status == .uncertain
        {
            self.attemptCount += 1
        }
        self.status = status
        self.queueChange = .remove
        self.times[status] = event.occurredAt ?? now
        if status == .failed {
            self.error = event.error.map { ($0, event.failureClass ?? .permanent) }
        } else {
            self.error = nil
            self.providerMessageID = event.providerMessageID ?? self.providerMessageID
        }
    }

    private mutating func requeue(after wait: Duration, event: DeliveryEvent, number: Int) {
        self.status = .queued
        self.queueChange = .requeue(after: wait)
        self.attempts[number]?.retryAfter = wait
        self.error = event.error.flatMap { error in event.failureClass.map { (error, $0) } } ?? self.error
    }
}

/// How long an account that its provider refused is left alone.
package enum BlockedAccount {
    /// Doubled with each refusal in a row, up to `longestWait`.
    package static let firstWait: Duration = .seconds(60)
    package static let longestWait: Duration = .seconds(900)
}

/// A message and its outbox row, as read under the message's lock.
package struct StoredMessage: Sendable, Equatable {
    package let orgID: OrgID
    package let id: MessageID
    package let accountID: AccountID
    package let channel: Channel
    package let category: Category
    package let status: MessageStatus
    package let lastAttempt: Int
    package let attemptCount: Int
    package let retryPolicy: RetryPolicy
    package let expiresAt: Timestamp?
    package let onUncertain: UncertainPolicy
    /// The outbox row's epoch; nil when the message is not in the outbox.
    package let epoch: Int?
}
