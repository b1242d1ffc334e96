package import Shared

/// What happens to a message in the queue.
package enum QueueMove: Sendable, Equatable {
    /// It is finished.
    case remove
    /// It takes the last place of its lane, or keeps the one it has, and may go at once.
    case enter
    /// It waits for a time without a place.
    case schedule(Timestamp)
    /// Its attempt failed, and it is tried again after a wait: in its place for as long as the account's patience lasts,
    /// and aside when the wait is longer.
    case retry(after: Duration)
    /// It waits in its place, however long: for its account, or because the provider asked for it.
    case stay(after: Duration)
    /// Nothing left: it is as due as before.
    case giveBack
    /// It may have left: it waits for evidence, in its place.
    case hold(until: Timestamp, nextCheck: Timestamp)
    /// Its hold is over, and a person decides: its lane goes on.
    case free
}

extension QueueRow {
    /// What a move needs to know of the account.
    package struct Rules: Sendable, Equatable {
        /// How long a failing head holds up those behind it.
        package let patience: Duration
        /// The least time between two messages to one recipient; one-time codes are not held to it.
        package let pairInterval: Duration

        package init(patience: Duration, pairInterval: Duration) {
            self.patience = patience
            self.pairInterval = pairInterval
        }
    }

    package enum Effect: Sendable, Equatable {
        case none
        /// It gave up its place, because its wait is longer than the account's patience.
        case steppedAside
    }

    /// Makes the move, in the row and in its lane; `remove` leaves the row to the caller.
    package mutating func make(_ move: QueueMove, in lane: inout Lane, now: Timestamp, rules: Rules) -> Effect {
        if move != .giveBack, let restUntil = self.restAfterLease(rules) { lane.rest(until: restUntil) }
        (self.lease, self.heldBy) = (nil, move == .free ? self.heldBy : nil)
        switch move {
        case .remove:
            self.leave(&lane)
        case .enter:
            self.enter(&lane, now: now)
        case .schedule(let time):
            self.leave(&lane)
            (self.state, self.dueAt) = (.scheduled, time)
        case .giveBack:
            guard self.state.isHead else { return self.comeBack(after: .zero, &lane, now: now) }
            self.wait(until: max(now, lane.freeAt ?? now))
        case .stay(let wait):
            guard self.state.isHead else { return self.comeBack(after: wait, &lane, now: now) }
            self.wait(until: max(now + wait, lane.freeAt ?? now))
        case .retry(let wait):
            return self.retry(after: wait, &lane, now: now, rules: rules)
        case .hold(let until, let nextCheck):
            if !self.state.isHead { self.enter(&lane, now: now) }
            // One that could not become the head has to be decided by a person: its lane is busy with others.
            guard self.state.isHead else {
                self.leave(&lane)
                (self.state, self.dueAt, self.holdUntil) = (.held, .distantFuture, until)
                break
            }
            (self.state, self.dueAt, self.holdUntil) = (.uncertain, nextCheck, until)
        case .free:
            self.leave(&lane)
            (self.state, self.dueAt) = (.held, .distantFuture)
        }
        return .none
    }

    /// What was leased may have reached the recipient, unless it is known not to have left.
    private func restAfterLease(_ rules: Rules) -> Timestamp? {
        guard let lease, rules.pairInterval > .zero, Urgency(self.category) == .ordinary else { return nil }
        return lease.leasedAt + rules.pairInterval
    }

    private mutating func leave(_ lane: inout Lane) {
        guard self.state.hasPlace else { return }
        lane.leave(self.key.id)
        (self.place, self.failingSince) = (nil, nil)
    }

    private mutating func enter(_ lane: inout Lane, now: Timestamp) {
        (self.holdUntil, self.checks) = (nil, 0)
        switch self.state {
        case .ready, .leased, .uncertain:
            self.wait(until: max(now, lane.freeAt ?? now))
        case .waiting:
            self.dueAt = now
        case .scheduled, .held:
            let (place, state) = lane.enter(self.key.id)
            (self.place, self.state) = (place, state)
            self.dueAt = state == .ready ? max(now, lane.freeAt ?? now) : now
        }
    }

    private mutating func wait(until time: Timestamp) {
        (self.state, self.dueAt, self.holdUntil, self.checks) = (.ready, time, nil, 0)
    }

    private mutating func retry(after wait: Duration, _ lane: inout Lane, now: Timestamp, rules: Rules) -> Effect {
        guard self.state.isHead else { return self.comeBack(after: wait, &lane, now: now) }
        let since = self.failingSince ?? now
        self.failingSince = since
        guard wait > .zero, now + wait > since + rules.patience else {
            self.wait(until: max(now + wait, lane.freeAt ?? now))
            return .none
        }
        self.leave(&lane)
        (self.state, self.dueAt) = (.scheduled, now + wait)
        (self.holdUntil, self.checks) = (nil, 0)
        return .steppedAside
    }

    /// Returns to the queue from outside its lane.
    private mutating func comeBack(after wait: Duration, _ lane: inout Lane, now: Timestamp) -> Effect {
        guard wait > .zero else {
            self.enter(&lane, now: now)
            return .none
        }
        self.leave(&lane)
        (self.state, self.dueAt, self.holdUntil, self.checks) = (.scheduled, now + wait, nil, 0)
        return .none
    }
}
