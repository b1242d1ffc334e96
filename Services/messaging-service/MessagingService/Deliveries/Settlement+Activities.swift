import Shared

/// What a message's end and its progress add to the timeline of its conversation.
extension Settlement {
    /// Ends the message by a decision, and not by an attempt's end.
    mutating func end(_ status: MessageStatus, at now: Timestamp, error: (ProviderError, FailureClass)? = nil) {
        (self.status, self.move, self.isActedUpon) = (status, .remove, true)
        self.error = error
        switch status {
        case .failed, .skipped, .expired:
            if status == .failed { self.failedAt = now }
            self.add(.failed, at: now, by: Activity.engine, detail: error?.0.code ?? status.rawValue, now: now)
        case .sent: self.reach(.sent, at: now, by: Activity.engine, now: now)
        case .scheduled, .queued, .sending, .uncertain, .delivered, .read, .cancelled: break
        }
    }

    /// What a message failed with: a definite answer to one attempt does not tell what became of another, and a failure of the
    /// class `uncertain` is one of a message that may have arrived.
    func doubting(
        _ error: ProviderError,
        _ failureClass: FailureClass,
        except number: Int? = nil
    ) -> (ProviderError, FailureClass) {
        let isInDoubt = self.attempts.values.contains { $0.number != number && $0.state == .uncertain }
        return (error, isInDoubt ? .uncertain : failureClass)
    }

    /// Notes how far it got, even where something later was known already.
    mutating func reach(_ status: MessageStatus, at time: Timestamp?, by actor: String, now: Timestamp) {
        for status in self.moments.note(status, at: time ?? now) {
            let (kind, detail) = status == .sent ? (Activity.Kind.sent, nil) : (.statusUpdate, status.rawValue)
            self.add(kind, at: time, by: actor, detail: detail, now: now)
        }
    }

    /// A provider's clock may be ahead of ours; nothing happens later than we hear of it.
    mutating func add(
        _ kind: Activity.Kind,
        at time: Timestamp?,
        by actor: String,
        detail: String? = nil,
        now: Timestamp
    ) {
        self.activities.append(Activity(kind, of: self.stored, at: min(time ?? now, now), by: actor, detail: detail))
    }
}
