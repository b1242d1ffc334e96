import InternalAPI
package import Shared

/// One message while things happen to it: what was stored, and what it becomes.
///
/// A value without any I/O: it is read under the message's lock, changed by `apply` or by an act, and written by
/// `SettlementStore`.
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
        package var retryAt: Timestamp?
        /// Whether the message let those behind it pass while it waits for the next attempt.
        package var steppedAside = false

        /// Whether it is in the message's count: it ended, or it was given up and led to another.
        var isCounted: Bool {
            switch self.state {
            case .sent, .delivered, .read: true
            case .failed: self.failureClass == .transient || self.failureClass == .permanent
            case .uncertain: self.retryAt != nil
            case .unused: false
            }
        }
    }

    /// How long an uncertain message waits for evidence, and when its provider is first asked for some.
    package struct Holding: Sendable, Equatable {
        package let hold: Duration
        package let firstCheck: Duration

        package init(hold: Duration, firstCheck: Duration = .seconds(10)) {
            self.hold = hold
            self.firstCheck = firstCheck
        }
    }

    package let stored: StoredMessage
    package internal(set) var status: MessageStatus
    package internal(set) var attemptCount: Int
    package private(set) var latestAttempt: Int
    /// By number; those in `changedAttempts` are to be written.
    package internal(set) var attempts: [Int: Attempt]
    package internal(set) var changedAttempts: Set<Int> = []
    package internal(set) var move: QueueMove?
    package internal(set) var moments: Moments
    /// When it failed, if it did now.
    package internal(set) var failedAt: Timestamp?
    /// What happened, for the timeline of its conversation.
    package internal(set) var activities: [Activity] = []
    /// The error to show with the message; nil inside leaves none.
    package internal(set) var error: (ProviderError, FailureClass)?
    package private(set) var providerMessageID: String?
    /// Whether a worker ended without a word while it held the message.
    package internal(set) var crash: Crash = .none
    /// Whether its recipient's address turned out to take no mail for good.
    package private(set) var hasBounced = false
    /// Whether something other than an event about an attempt changed it.
    package internal(set) var isActedUpon = false

    package enum Crash: Sendable, Equatable {
        case none
        /// By silence: the worker's journal may come back, and know more.
        case counted
        /// By the worker's next life, whose journal has said all it knows: whether the attempt may have begun.
        case recovered(mayHaveBegun: Bool)
        /// An attempt came to an end.
        case forgotten
    }

    /// How long a message waits whose account was refused.
    static let refusedPause: Duration = .seconds(1)
    static let poisonous = ProviderError(
        code: "poisonous",
        detail:
            "Workers ended without a word again and again while they held this message; it is not tried again by itself."
    )

    package init(_ stored: StoredMessage, attempts: [Attempt]) {
        self.stored = stored
        self.status = stored.status
        self.moments = stored.moments
        self.attemptCount = stored.attemptCount
        self.error = stored.error
        self.latestAttempt = max(stored.lastAttempt, stored.row?.epoch ?? 0)
        self.attempts = Dictionary(uniqueKeysWithValues: attempts.map { ($0.number, $0) })
    }

    package var isChanged: Bool {
        !self.changedAttempts.isEmpty || self.isActedUpon || self.isHeardOf || self.moments != self.stored.moments
    }

    /// Whether the worker that ended without a word while it held the message told what became of it after all.
    private var isHeardOf: Bool {
        switch self.crash {
        case .none, .counted: false
        case .recovered, .forgotten: self.stored.row?.heldBy != nil
        }
    }

    /// Applies one event; `now` and `jitter` (0.8...1.2) are passed in, so that it stays pure.
    package mutating func apply(
        _ event: AttemptEvent,
        now: Timestamp,
        jitter: Double,
        holding: Holding
    ) -> MessageTransition {
        let event = self.judged(event)
        let number = event.reference.number
        let known = self.attempts[number]
        let snapshot = MessageSnapshot(
            status: self.status,
            channel: self.stored.channel,
            latestAttempt: self.latestAttempt,
            attemptCount: self.attemptCount,
            retryPolicy: self.stored.retryPolicy,
            anotherArrived: self.attempts.values.contains { $0.number != number && $0.state.hasArrived },
            laterOnesFailed: (number..<max(number, self.latestAttempt)).allSatisfy { earlier in
                self.attempts[earlier + 1].map { $0.state == .failed || $0.state == .unused } ?? false
            },
            isCounted: known?.isCounted ?? false
        )
        let transition = snapshot.applying(event.event, toAttempt: number, known: known?.state, jitter: jitter)
        if let arrival = event.event.arrival {
            self.reach(arrival, at: event.event.occurredAt, by: event.source.actor, now: now)
        }
        if case .ignore = transition {
            self.complete(number, by: event)
            return transition
        }
        self.note(event, on: number, known: known)
        self.follow(
            transition,
            event: event,
            number: number,
            wasCounted: known?.isCounted ?? false,
            now: now,
            holding: holding
        )
        return transition
    }

    /// What crashed too many workers before it left is not given to another.
    private mutating func judged(_ event: AttemptEvent) -> AttemptEvent {
        switch event.source {
        case .crash:
            self.crash = .counted
        case .recovery:
            let isUnused = event.event.kind == .unused
            self.crash = .recovered(mayHaveBegun: !isUnused)
            let crashes = self.stored.row?.crashes(after: self.crash) ?? 0
            guard isUnused, crashes >= QueueRow.mostCrashes else { return event }
            return AttemptEvent(
                orgID: event.orgID,
                reference: event.reference,
                event: DeliveryEvent(.failed(.permanent, retryAfter: nil), error: Self.poisonous),
                source: event.source
            )
        case .worker where event.reference.number == self.stored.row?.epoch:
            self.crash = .forgotten
        case .worker, .provider, .lookUp, .givenBack, .leaseEnd, .replay:
            break
        }
        return event
    }

    /// Adds what only the worker knows to an attempt whose end a provider reported first.
    private mutating func complete(_ number: Int, by event: AttemptEvent) {
        guard let work = event.work, var attempt = self.attempts[number], attempt.worker == nil else { return }
        (attempt.worker, attempt.startedAt, attempt.endedAt) = (work.worker, work.startedAt, work.endedAt)
        attempt.providerMessageID = attempt.providerMessageID ?? event.event.providerMessageID
        self.attempts[number] = attempt
        self.changedAttempts.insert(number)
    }

    private mutating func note(_ event: AttemptEvent, on number: Int, known: Attempt?) {
        let state = event.event.attemptState
        var attempt = known ?? Attempt(number: number, state: state)
        attempt.state = attempt.state.folding(state, on: self.stored.channel)
        let lease = number == self.stored.row?.epoch ? self.stored.row?.lease : nil
        // When it began is said by our clock, where it can be: a provider is asked for what it took since then.
        attempt.startedAt = attempt.startedAt ?? lease?.leasedAt
        if let work = event.work {
            let began = attempt.startedAt ?? work.startedAt
            (attempt.worker, attempt.startedAt) = (work.worker, began)
            attempt.endedAt = began + (work.endedAt - work.startedAt)
        } else if attempt.worker == nil, let lease {
            attempt.worker = lease.worker.name
        }
        attempt.providerMessageID = attempt.providerMessageID ?? event.event.providerMessageID
        // A refusal that something better proved wrong is shown by its report alone.
        let isBetter = known?.state == .failed && attempt.state != .failed
        attempt.error = event.event.error ?? (isBetter ? nil : attempt.error)
        attempt.failureClass = event.event.failureClass ?? (isBetter ? nil : attempt.failureClass)
        self.attempts[number] = attempt
        self.changedAttempts.insert(number)
        self.latestAttempt = max(self.latestAttempt, number)
    }

    private mutating func follow(
        _ transition: MessageTransition,
        event told: AttemptEvent,
        number: Int,
        wasCounted: Bool,
        now: Timestamp,
        holding: Holding
    ) {
        let event = told.event
        switch transition {
        case .ignore, .noteAttempt:
            break
        case .settle(let status):
            self.settle(status, by: number, event: told, wasCounted: wasCounted, now: now)
        case .retry(let wait, let cost):
            if cost == .counts { self.attemptCount += 1 }
            self.attempts[number]?.retryAt = now + wait
            self.requeue(by: .retry(after: wait), event: event)
        case .pause(let wait):
            self.uncount(if: wasCounted)
            self.attempts[number]?.retryAt = now + wait
            self.requeue(by: .stay(after: wait), event: event)
        case .waitForAccount:
            self.uncount(if: wasCounted)
            // Not at once: an account that refuses some messages and takes others is never parked.
            self.requeue(by: .stay(after: Self.refusedPause), event: event)
        case .giveBack:
            self.uncount(if: wasCounted)
            self.requeue(by: .giveBack, event: event)
        case .hold:
            self.status = .uncertain
            self.error = event.error.map { ($0, .uncertain) }
            let until = now + holding.hold
            let nextCheck = self.stored.canBeAsked ? min(now + holding.firstCheck, until) : until
            self.move = .hold(until: until, nextCheck: nextCheck)
        }
    }

    private mutating func settle(
        _ status: MessageStatus,
        by number: Int,
        event told: AttemptEvent,
        wasCounted: Bool,
        now: Timestamp
    ) {
        let event = told.event
        // Counted when it is over, once: one attempt accepted, or one refused for good.
        if !wasCounted, self.stored.status != .failed,
            self.status == .queued || self.status == .scheduled || self.status == .uncertain
        {
            self.attemptCount += 1
        }
        self.status = status
        self.move = .remove
        if status == .failed {
            self.hasBounced =
                event.error?.isHardBounce == true && self.stored.channel == .email && !self.stored.isErased
            self.failedAt = event.occurredAt ?? now
            self.error = event.error.map { self.doubting($0, event.failureClass ?? .permanent, except: number) }
            self.add(.failed, at: self.failedAt, by: told.source.actor, detail: event.error?.code, now: now)
        } else {
            self.error = nil
            self.providerMessageID = event.providerMessageID ?? self.providerMessageID
        }
    }

    /// Takes an attempt out of the count that turned out to be none of the message's.
    private mutating func uncount(if wasCounted: Bool) {
        if wasCounted { self.attemptCount = max(0, self.attemptCount - 1) }
    }

    private mutating func requeue(by move: QueueMove, event: DeliveryEvent) {
        self.status = .queued
        self.move = move
        self.error = event.error.flatMap { error in event.failureClass.map { (error, $0) } } ?? self.error
    }

    /// Notes on the latest attempt that the message gave up its place.
    mutating func noteSteppedAside() {
        self.attempts[self.latestAttempt]?.steppedAside = true
        if self.attempts[self.latestAttempt] != nil { self.changedAttempts.insert(self.latestAttempt) }
    }
}
