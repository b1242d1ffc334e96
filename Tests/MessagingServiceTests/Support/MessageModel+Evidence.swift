import Shared

/// What becomes known of an attempt.
extension MessageModel {
    enum Heard: Equatable {
        case applied(MessageStatus), late, unknown
    }

    /// What a worker or a provider says of an attempt.
    enum News: CaseIterable {
        case sent, delivered, read, uncertain, transient, permanent, throttled

        /// The greater is believed.
        var rank: Int {
            switch self {
            case .uncertain: 0
            case .sent: 1
            case .transient, .permanent, .throttled: 2
            case .delivered: 3
            case .read: 4
            }
        }

        /// The rank at which its status says that a message arrived.
        fileprivate static let arrived: [MessageStatus: Int] = [.sent: 1, .delivered: 3, .read: 4]
        fileprivate static let failed = 2
    }

    mutating func hear(_ news: News, of reference: AttemptReference, now: Timestamp) -> Heard {
        let (id, number) = (reference.messageID, reference.number)
        guard let message = self.messages[id] else { return .unknown }
        let known = message.attempts[number]
        guard news.rank > known ?? -1 else { return .late }
        self.update(id) { $0.attempts[number] = news.rank }
        let reached = News.arrived[message.status]
        switch news {
        case .sent, .delivered, .read:
            if news.rank > reached ?? 0 {
                self.finish(id, [.sent, .delivered, .read][max(0, news.rank - 2)], by: number, now)
            }
        case .uncertain, .transient, .permanent, .throttled:
            let others = message.attempts.filter { $0.key != number && News.arrived.values.contains($0.value) }
            let isOpen = [.scheduled, .queued, .uncertain].contains(message.status)
            let isRefusedLater = reached != nil && news.rank == News.failed && known != nil && others.isEmpty
            // What an earlier attempt sent is lost with it once the later ones came to nothing.
            let isLast = (number..<message.latest).allSatisfy { message.attempts[$0 + 1] == News.failed }
            guard number == message.latest || reached != nil && isLast, isOpen || isRefusedLater else { break }
            self.disappoint(id, number, news, now)
        }
        self.update(id) { message in
            switch news {
            case .sent, .delivered, .read, .transient, .permanent: message.counted.insert(number)
            case .throttled: message.counted.remove(number)
            case .uncertain: break
            }
        }
        return .applied(self.messages[id]?.status ?? .queued)
    }

    mutating func disappoint(_ id: MessageID, _ number: Int, _ news: News, _ now: Timestamp) {
        guard let message = self.messages[id] else { return }
        switch news {
        case .transient:
            let spent = message.attemptCount + (message.counted.contains(number) ? 0 : 1)
            guard message.delays.indices.contains(spent - 1) else {
                return self.finish(id, .failed, by: number, now)
            }
            self.messages[id]?.attemptCount = spent
            let wait = message.delays[spent - 1]
            let since = message.failingSince ?? now
            self.wait(id, wait, inPlace: now + wait <= since + Self.patience, now)
            if self.isHead(id) { self.messages[id]?.failingSince = since }
        case .throttled:
            // Costs nothing, even where it had been taken for more.
            if message.counted.contains(number) {
                self.messages[id]?.attemptCount = max(0, message.attemptCount - 1)
            }
            self.wait(id, RandomRun.throttling, inPlace: true, now)
        case .uncertain:
            self.enter(id, now)
            self.messages[id]?.status = .uncertain
            // Behind others nobody can wait for evidence.
            if self.isHead(id) { self.messages[id]?.stand = .uncertain } else { self.leave(id, as: .held, now) }
        case .permanent: self.finish(id, .failed, by: number, now)
        case .sent, .delivered, .read: break
        }
    }

    /// One that is no head has no place to keep.
    mutating func wait(_ id: MessageID, _ time: Duration, inPlace: Bool, _ now: Timestamp) {
        let due = now + time * 0.8...now + time * 1.2
        if inPlace, self.isHead(id) {
            self.update(id) { ($0.stand, $0.due) = (.queued, due) }
        } else {
            self.leave(id, as: .scheduled, now, due: due)
        }
        self.messages[id]?.status = .queued
    }

    /// Ends it by the end of an attempt, which is counted then, once.
    mutating func finish(_ id: MessageID, _ status: MessageStatus, by number: Int, _ now: Timestamp) {
        let isCounted = self.messages[id]?.counted.contains(number) ?? true
        if !isCounted, [.scheduled, .queued, .uncertain].contains(self.messages[id]?.status) { self.count(id) }
        self.end(id, status, now)
    }
}
