package import Shared

/// Why an act is not possible in the message's state.
package enum ActRefusal: Error, Sendable, Equatable {
    /// A customer sent it.
    case inbound
    /// A worker has it.
    case inFlight
    /// `status` is where it stands; `allowed` says in which states the act is possible.
    case wrongState(MessageStatus, allowed: String)

    static let editable = "a message can be edited while it is scheduled, queued or failed"
    static let erased = "its recipient was erased"
}

/// What a person decides about an uncertain message.
package enum Resolution: String, Sendable, CaseIterable {
    /// It arrived at the provider.
    case sent
    /// It did not, and is given up.
    case failed
    /// It is sent again, whether or not it arrived.
    case resend
}

/// What people and time do to a message; each is decided under the message's lock, before or after a claim and never with it.
extension Settlement {
    private var isLeased: Bool { self.stored.row?.state == .leased }

    private func refuse(_ allowed: String) -> ActRefusal {
        guard self.stored.direction == .outbound else { return .inbound }
        return self.isLeased ? .inFlight : .wrongState(self.status, allowed: allowed)
    }

    /// Withdraws a message that has not left.
    package mutating func cancel(now: Timestamp) throws(ActRefusal) {
        guard !self.isLeased, self.status == .scheduled || self.status == .queued else {
            throw self.refuse("a message can be cancelled while it is scheduled or queued")
        }
        self.end(.cancelled, at: now)
    }

    /// Queues a failed message anew, with all the attempts of its policy.
    package mutating func retry(now: Timestamp) throws(ActRefusal) {
        guard self.status == .failed else { throw self.refuse("a message can be retried when it has failed") }
        guard !self.stored.isErased else { throw self.refuse(ActRefusal.erased) }
        (self.status, self.attemptCount, self.error) = (.queued, 0, nil)
        (self.move, self.isActedUpon) = (.enter, true)
    }

    /// Sends a message that waits for a time now.
    package mutating func sendNow(now: Timestamp) throws(ActRefusal) {
        guard !self.isLeased, self.status == .scheduled || self.status == .queued else {
            throw self.refuse("a message can be sent now while it is scheduled or queued")
        }
        self.status = .queued
        (self.move, self.isActedUpon) = (.enter, true)
    }

    /// Decides about an uncertain message.
    package mutating func resolve(_ resolution: Resolution, now: Timestamp) throws(ActRefusal) {
        guard self.status == .uncertain else { throw self.refuse("only an uncertain message has to be resolved") }
        switch resolution {
        case .sent:
            self.end(.sent, at: now)
            self.attemptCount += 1
        case .failed:
            let error = ProviderError(code: "resolved-as-failed", detail: "A person decided that it did not arrive.")
            self.end(.failed, at: now, error: (error, .uncertain))
            self.attemptCount += 1
        case .resend:
            self.status = .queued
            (self.move, self.isActedUpon) = (.enter, true)
        }
    }

    /// Whether it can be removed altogether.
    package func checkDeletable() throws(ActRefusal) {
        guard !self.isLeased else { throw .inFlight }
    }

    /// Whether it can be changed: it has not left, or it failed.
    package func checkEditable() throws(ActRefusal) {
        guard !self.isLeased, self.status == .scheduled || self.status == .queued || self.status == .failed else {
            throw self.refuse(ActRefusal.editable)
        }
        guard !self.stored.isErased else { throw self.refuse(ActRefusal.erased) }
    }

    /// Gives a new time to a message that has not left, or failed: nil is now.
    package mutating func reschedule(_ time: Timestamp?, now: Timestamp) throws(ActRefusal) {
        try self.checkEditable()
        if self.status == .failed { (self.attemptCount, self.error) = (0, nil) }
        if let time, time > now {
            (self.status, self.move) = (.scheduled, .schedule(time))
        } else {
            (self.status, self.move) = (.queued, .enter)
        }
        self.isActedUpon = true
    }

    /// Ends a message whose recipient is to be erased; nothing when it has come to its end.
    mutating func giveUp(now: Timestamp) throws(ActRefusal) {
        guard !self.isLeased else { throw .inFlight }
        switch self.status {
        case .scheduled, .queued: self.end(.cancelled, at: now)
        case .uncertain:
            let error = ProviderError(code: "erased", detail: "Its recipient was erased before its outcome was known.")
            self.end(.failed, at: now, error: (error, .uncertain))
            self.attemptCount += 1
        case .sending, .sent, .delivered, .read, .failed, .skipped, .cancelled, .expired: break
        }
    }

    /// Takes it out of the queue, whatever becomes of it then.
    mutating func leaveQueue() {
        (self.move, self.isActedUpon) = (.remove, true)
    }

    /// Lets it wait without a place, in the status it has.
    mutating func wait(until time: Timestamp) {
        self.move = .schedule(time)
    }

    /// Leaves it where it stands in the queue.
    mutating func stayInQueue() { self.isActedUpon = true }

    // MARK: - Time

    /// How long a provider may be away that is to be asked about an attempt.
    private static let longestAsking: Duration = .seconds(3600)

    /// Gives a message whose time has come its place; nothing when it is no longer waiting for one.
    package mutating func place(now: Timestamp) {
        guard let row = self.stored.row, row.state == .scheduled, row.dueAt <= now else { return }
        self.status = .queued
        (self.move, self.isActedUpon) = (.enter, true)
    }

    /// Ends a message whose time is over before it left.
    package mutating func expire(now: Timestamp) {
        guard let row = self.stored.row, let expiresAt = row.expiresAt, expiresAt <= now else { return }
        switch row.state {
        case .scheduled, .waiting, .ready: self.end(.expired, at: now)
        case .leased, .uncertain, .held: break
        }
    }

    /// Ends a message that its provider would refuse; nothing when a worker has it meanwhile.
    package mutating func forbid(because error: ProviderError, now: Timestamp) {
        guard let row = self.stored.row else { return }
        switch row.state {
        case .scheduled, .waiting, .ready: self.end(.skipped, at: now, error: (error, .permanent))
        case .leased, .uncertain, .held: break
        }
    }

    /// Ends a message that was claimed and must not leave; nothing when somebody else has it meanwhile.
    package mutating func forbid(lease epoch: Int, because error: ProviderError, now: Timestamp) {
        guard self.isLeased, self.stored.row?.epoch == epoch else { return }
        self.end(.skipped, at: now, error: (error, .permanent))
    }

    /// Withdraws a message that was claimed and is not wanted any more; nothing when somebody else has it meanwhile.
    package mutating func withdraw(lease epoch: Int, now: Timestamp) {
        guard self.isLeased, self.stored.row?.epoch == epoch else { return }
        self.end(.cancelled, at: now)
    }

    /// Puts a message back that was claimed and may not leave yet; nothing when somebody else has it meanwhile.
    package mutating func putOff(lease epoch: Int, by move: QueueMove) {
        guard self.isLeased, self.stored.row?.epoch == epoch else { return }
        (self.move, self.isActedUpon) = (move, true)
    }

    /// The same until the end of its recipient's quiet hours, which its timeline says.
    package mutating func putOff(lease epoch: Int, untilQuietHoursEnd end: Timestamp) {
        guard self.isLeased, self.stored.row?.epoch == epoch else { return }
        var attempt = self.attempts[epoch] ?? Attempt(number: epoch, state: .unused)
        (attempt.error, attempt.retryAt) = (.quietHours(until: end), end)
        self.attempts[epoch] = attempt
        self.changedAttempts.insert(epoch)
        self.putOff(lease: epoch, by: .schedule(end))
    }

    /// Ends the wait for evidence: the message's policy decides.
    package mutating func release(now: Timestamp) {
        guard let row = self.stored.row, row.state == .uncertain, let until = row.holdUntil, until <= now else {
            return
        }
        self.isActedUpon = true
        // A provider that can be asked is asked before anything is sent again, even if it is away for a while.
        let began = self.attempts[row.epoch]?.startedAt ?? until
        if self.stored.canBeAsked, now < began + Self.longestAsking {
            self.move = .hold(until: now + LookUpFindings.interval, nextCheck: now)
            return
        }
        guard self.stored.onUncertain == .resend else {
            self.move = .free
            return
        }
        // Of a worker that was silent nobody knows how far it came: what is sent again for that counts as begun.
        let crash: Crash = row.heldBy == nil ? .none : .recovered(mayHaveBegun: true)
        guard row.crashes(after: crash) < QueueRow.mostCrashes else {
            return self.end(.failed, at: now, error: self.doubting(Self.poisonous, .permanent))
        }
        // Who wants it sent again has it once at least, whatever the number of retries.
        guard self.attemptCount < max(1, self.stored.retryPolicy.delays.count) else {
            self.move = .free
            return
        }
        self.attemptCount += 1
        self.attempts[row.epoch]?.retryAt = now
        if self.attempts[row.epoch] != nil { self.changedAttempts.insert(row.epoch) }
        (self.status, self.move, self.crash) = (.queued, .enter, crash)
    }
}
