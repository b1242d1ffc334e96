import Shared

/// What time does.
extension MessageModel {
    /// Whether a time of a message would come about now, when `span` has passed.
    func isNear(_ span: Duration, now: Timestamp) -> Bool {
        let near = now + span - .seconds(2)...now + span + .seconds(40)
        return self.messages.values.contains { message in
            let times = [message.due.lowerBound, message.due.upperBound, message.scheduledAt, message.expiresAt]
            return times.compactMap(\.self).contains { near.contains($0) }
        }
    }

    /// Takes in when messages are due that wait by chance.
    mutating func learn(_ dueAt: Timestamp, of id: MessageID) { self.messages[id]?.due = dueAt...dueAt }

    /// Lets more than the time of a hold pass, and does what is due then.
    mutating func pass(_ span: Duration, now: Timestamp) {
        for id in self.messages.keys {
            self.update(id) { message in
                message.due = message.due.lowerBound - span...message.due.upperBound - span
                message.failingSince = message.failingSince.map { $0 - span }
                message.expiresAt = message.expiresAt.map { $0 - span }
                message.scheduledAt = message.scheduledAt.map { $0 - span }
            }
        }
        for (id, message) in self.messages where message.stand == .scheduled || message.stand == .queued {
            if let end = message.expiresAt, end <= now { self.end(id, .expired, now) }
        }
        let due = self.messages.filter { $0.value.stand == .scheduled && $0.value.due.upperBound <= now }
        for id in self.inOrder(Array(due.keys)) { self.enter(id, now) }
        for (id, message) in self.messages where message.stand == .uncertain {
            if message.isResent, message.attemptCount < max(1, message.delays.count) {
                self.count(id)
                self.messages[id]?.counted.insert(message.latest)
                self.enter(id, now)
            } else {
                self.leave(id, as: .held, now)
            }
        }
    }
}
