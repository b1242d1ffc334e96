import Shared

/// What the messages of one organization should be: the rules told once more, without the code that is tested.
struct MessageModel {
    enum Answer: Equatable {
        case changed(MessageStatus), inFlight, refused(MessageStatus), unknown, invalid
    }

    /// What a person can do with one message or with many.
    enum Action: CaseIterable {
        case cancel, retry, delete, sendNow

        var statuses: [MessageStatus] {
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
        /// The attempts that are in the count.
        var counted: Set<Int> = []
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
    var messages: [MessageID: Message] = [:]
    /// The messages of each lane that have a place, in their order.
    var lanes: [String: [MessageID]] = [:]
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

    func answer(to action: Action, _ id: MessageID) -> Answer {
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
        guard message.stand != .leased else { return .inFlight }
        guard [.scheduled, .queued, .failed].contains(message.status) else { return .refused(message.status) }
        // A time that is over or was passed over is none, and what is expired can not be written anew.
        message.scheduledAt = message.scheduledAt.flatMap { $0 > now && message.status == .scheduled ? $0 : nil }
        if case .time(let time) = edit { message.scheduledAt = time }
        if let end = message.expiresAt, end <= max(now, message.scheduledAt ?? now) { return .invalid }
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
