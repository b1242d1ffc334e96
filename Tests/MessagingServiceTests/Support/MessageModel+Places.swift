import Shared

/// Who stands where in a conversation.
extension MessageModel {
    /// In the order in which they enter lanes together.
    func inOrder(_ ids: [MessageID]) -> [MessageID] {
        let never = Timestamp.distantFuture
        let dues = ids.map { id in
            (self.messages[id].map { $0.stand == .out ? never : $0.due.lowerBound } ?? never, id)
        }
        return dues.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.1)
    }

    mutating func count(_ id: MessageID) { self.messages[id]?.attemptCount += 1 }

    mutating func end(_ id: MessageID, _ status: MessageStatus, _ now: Timestamp) {
        self.leave(id, as: .out, now)
        self.messages[id]?.status = status
    }

    /// Gives it the last place of its lane, or leaves it the one that it has, and lets it go at once.
    mutating func enter(_ id: MessageID, _ now: Timestamp) {
        guard let message = self.messages[id] else { return }
        if !message.stand.hasPlace { self.lanes[message.lane, default: []].append(id) }
        self.update(id) { ($0.status, $0.stand, $0.due) = (.queued, .queued, now...now) }
    }

    /// Takes its place from it; whoever is first then may go at once.
    mutating func leave(
        _ id: MessageID,
        as stand: Stand,
        _ now: Timestamp,
        due: ClosedRange<Timestamp>? = nil
    ) {
        guard let message = self.messages[id] else { return }
        if message.stand.hasPlace {
            let wasHead = self.isHead(id)
            self.lanes[message.lane]?.removeAll { $0 == id }
            if wasHead, let next = self.lanes[message.lane]?.first { self.update(next) { $0.due = now...now } }
        }
        self.update(id) { message in
            if message.stand.hasPlace { message.failingSince = nil }
            (message.stand, message.due) = (stand, due ?? message.due)
        }
    }

    mutating func plan(_ id: MessageID, at time: Timestamp?, now: Timestamp) {
        guard let time, time > now else { return self.enter(id, now) }
        self.leave(id, as: .scheduled, now, due: time...time)
        self.messages[id]?.status = .scheduled
    }

    mutating func update(_ id: MessageID, _ change: (inout Message) -> Void) {
        guard var message = self.messages[id] else { return }
        change(&message)
        self.messages[id] = message
    }
}
