import Shared

/// What the messages of one organization should be: the rules told once more, without the code that is tested.
struct MessageModel {
    enum Answer: Equatable {
        case changed(MessageStatus), inFlight, refused(MessageStatus), unknown, invalid
    }

    /// What a person can do with one message or with many.
    enum Action: CaseIterable {
        case cancel, retry, delete, sendNow

        fileprivate var statuses: [MessageStatus] {
            switch self {
            case .cancel, .sendNow: [.scheduled, .queued]
            case .retry: [.failed]
            case .delete: MessageStatus.allCases.filter { $0 != .sending }
            }
        }
    }

    enum Edit: Equatable {
        case body(String), recipient(String), time(Timestamp?)
    }

    /// Where a message stands: those from `queued` to `uncertain` have a place, and the first of a lane is its head.
    enum Stand: String {
        case scheduled, queued, leased, uncertain, held, out

        var hasPlace: Bool { self == .queued || self == .leased || self == .uncertain }
    }

    struct Message {
        var body: String
        var recipient: String
        let category: Category
        let reference: String
        let delays: [Duration]
        let isResent: Bool
        var scheduledAt: Timestamp?
        var expiresAt: Timestamp?
        var failingSince: Timestamp?
        var status = MessageStatus.queued
        var attemptCount = 0
        /// The number of the latest attempt.
        var latest = 0
        /// What is known of each attempt, as the rank of `News`.
        var attempts: [Int: Int] = [:]
        var stand = Stand.out
        /// By chance somewhere in it, until `learn` says where.
        var due: ClosedRange<Timestamp>

        var lane: String { "\(self.recipient) \(self.category == .otp)" }
        var shown: MessageStatus { self.stand == .leased ? .sending : self.status }
    }

    static let patience: Duration = .seconds(120)
    private(set) var messages: [MessageID: Message] = [:]
    /// The messages of each lane that have a place, in their order.
    private(set) var lanes: [String: [MessageID]] = [:]
    /// The effect that each event of a provider had first.
    var heard: [String: (id: MessageID, effect: Heard)] = [:]

    subscript(id: MessageID) -> Message? { self.messages[id] }

    func isHead(_ id: MessageID) -> Bool { self.messages[id].flatMap { self.lanes[$0.lane]?.first } == id }

    /// What `RandomActsTests` reads of a row too.
    func line(_ id: MessageID) -> String? {
        self.messages[id].map { message in
            let state = message.stand == .queued ? self.isHead(id) ? "ready" : "waiting" : message.stand.rawValue
            return "\(id) \(message.shown) \(message.attemptCount) \(message.body) \(message.recipient) \(state) "
                + "\(message.stand.hasPlace) \(message.status == .failed)"
        }
    }

    mutating func create(_ id: MessageID, _ message: Message, now: Timestamp) {
        self.messages[id] = message
        self.plan(id, at: message.scheduledAt, now: now)
    }

    // MARK: - Workers

    func claimable(_ now: Timestamp) -> Set<MessageID> {
        Set(
            self.lanes.values.compactMap(\.first).filter { id in
                guard let message = self.messages[id], message.stand == .queued else { return false }
                return message.due.upperBound <= now && message.expiresAt.map { $0 > now } ?? true
            }
        )
    }

    mutating func lease(_ id: MessageID) {
        self.messages[id]?.stand = .leased
        self.messages[id]?.latest += 1
    }

    // MARK: - Acts

    mutating func act(_ action: Action, on ids: [MessageID], now: Timestamp) -> [Answer] {
        let answers = ids.map { self.answer(to: action, $0) }
        let possible = zip(ids, answers).filter { if case .changed = $1 { true } else { false } }.map(\.0)
        for id in self.inOrder(possible) {
            switch action {
            case .cancel: self.end(id, .cancelled, now)
            case .retry:
                self.messages[id]?.attemptCount = 0
                self.enter(id, now)
            case .sendNow: self.enter(id, now)
            case .delete:
                self.leave(id, as: .out, now)
                self.messages[id] = nil
                self.heard = self.heard.filter { $0.value.id != id }
            }
        }
        return answers
    }

    private func answer(to action: Action, _ id: MessageID) -> Answer {
        guard let message = self.messages[id] else { return .unknown }
        guard message.stand != .leased else { return .inFlight }
        guard action.statuses.contains(message.status) else { return .refused(message.status) }
        return switch action {
        case .cancel: .changed(.cancelled)
        case .retry, .sendNow: .changed(.queued)
        case .delete: .changed(message.status)
        }
    }

    /// Decides about an uncertain message; nil sends it again.
    mutating func resolve(_ id: MessageID, as status: MessageStatus?, now: Timestamp) -> Answer {
        guard let message = self.messages[id] else { return .unknown }
        guard message.stand != .leased else { return .inFlight }
        guard message.status == .uncertain else { return .refused(message.status) }
        guard let status else {
            self.enter(id, now)
            return .changed(.queued)
        }
        self.count(id)
        self.end(id, status, now)
        return .changed(status)
    }

    mutating func edit(_ edit: Edit, of id: MessageID, now: Timestamp) -> Answer {
        guard var message = self.messages[id] else { return .unknown }
        // A time that is over is none, and what is expired can not be written anew.
        message.scheduledAt = message.scheduledAt.flatMap { $0 > now ? $0 : nil }
        if case .time(let time) = edit { message.scheduledAt = time }
        if let end = message.expiresAt, end <= max(now, message.scheduledAt ?? now) { return .invalid }
        guard message.stand != .leased else { return .inFlight }
        guard [.scheduled, .queued, .failed].contains(message.status) else { return .refused(message.status) }
        let (isQueued, due) = (message.stand != .out, message.due)
        if message.status == .failed { message.attemptCount = 0 }
        if case .body(let body) = edit { message.body = body }
        if case .recipient(let recipient) = edit, recipient != message.recipient {
            self.leave(id, as: .out, now)
            (message.recipient, message.stand, message.failingSince) = (recipient, .out, nil)
        }
        self.messages[id] = message
        if case .time = edit {} else if message.stand != .out { return .changed(message.status) }
        self.plan(id, at: message.scheduledAt, now: now)
        // Who waited for the next attempt goes on waiting in the other lane.
        if case .recipient = edit, isQueued, due.lowerBound > now { self.leave(id, as: .scheduled, now, due: due) }
        return .changed(self.messages[id]?.status ?? .queued)
    }
}

// MARK: - Places

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

// MARK: - Evidence

extension MessageModel {
    enum Heard: Equatable {
        case applied(MessageStatus), late, unknown
    }

    /// What a worker or a provider says of an attempt.
    enum News: CaseIterable {
        case sent, delivered, read, uncertain, transient, permanent, throttled

        /// The greater is believed.
        fileprivate var rank: Int {
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
            if news.rank > reached ?? 0 { self.finish(id, [.sent, .delivered, .read][max(0, news.rank - 2)], now) }
        case .uncertain, .transient, .permanent, .throttled:
            let others = message.attempts.filter { $0.key != number && News.arrived.values.contains($0.value) }
            let wasTaken = known.map { News.arrived.values.contains($0) } ?? false
            let isOpen = [.scheduled, .queued, .uncertain].contains(message.status)
            let isRefusedLater = reached != nil && news.rank == News.failed && known != nil && others.isEmpty
            guard number == message.latest, isOpen || isRefusedLater else { break }
            self.disappoint(id, news, wasTaken: wasTaken, now)
        }
        return .applied(self.messages[id]?.status ?? .queued)
    }

    private mutating func disappoint(_ id: MessageID, _ news: News, wasTaken: Bool, _ now: Timestamp) {
        guard let message = self.messages[id] else { return }
        switch news {
        case .transient:
            let spent = message.attemptCount + (wasTaken ? 0 : 1)
            guard message.delays.indices.contains(spent - 1) else { return self.finish(id, .failed, now) }
            self.messages[id]?.attemptCount = spent
            let wait = message.delays[spent - 1]
            let since = message.failingSince ?? now
            self.wait(id, wait, inPlace: now + wait <= since + Self.patience, now)
            if self.isHead(id) { self.messages[id]?.failingSince = since }
        case .throttled: self.wait(id, RandomRun.throttling, inPlace: true, now)
        case .uncertain:
            self.enter(id, now)
            self.messages[id]?.status = .uncertain
            // Behind others nobody can wait for evidence.
            if self.isHead(id) { self.messages[id]?.stand = .uncertain } else { self.leave(id, as: .held, now) }
        case .permanent: self.finish(id, .failed, now)
        case .sent, .delivered, .read: break
        }
    }

    /// One that is no head has no place to keep.
    private mutating func wait(_ id: MessageID, _ time: Duration, inPlace: Bool, _ now: Timestamp) {
        let due = now + time * 0.8...now + time * 1.2
        if inPlace, self.isHead(id) {
            self.update(id) { ($0.stand, $0.due) = (.queued, due) }
        } else {
            self.leave(id, as: .scheduled, now, due: due)
        }
        self.messages[id]?.status = .queued
    }

    /// Ends it by the end of an attempt, which is counted then.
    private mutating func finish(_ id: MessageID, _ status: MessageStatus, _ now: Timestamp) {
        if [.scheduled, .queued, .uncertain].contains(self.messages[id]?.status) { self.count(id) }
        self.end(id, status, now)
    }
}

// MARK: - Time

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
                self.enter(id, now)
            } else {
                self.leave(id, as: .held, now)
            }
        }
    }
}
