import DequeModule

/// What a caller of the pool does next.
enum PoolTurn<Connection> {
    case use(Connection)
    /// Open a connection, then report `opened` or `failedToOpen`; a probe asks whether the server is back.
    case open(isProbe: Bool)
    case fail(PostgresError)
}

extension PoolTurn: Sendable where Connection: Sendable {}
extension PoolTurn: Equatable where Connection: Equatable {}

/// Who holds which connection, who waits, and whether the server is down; pure, times are since the pool's start.
///
/// A connection is *open* from the moment someone may open it until it is closed: idle, lent, or being opened.
struct PoolState<Connection, Waiter> {
    typealias Turn = PoolTurn<Connection>

    private struct Waiting {
        let id: Int
        let waiter: Waiter
        let since: Duration
    }

    /// The server could not be reached: one attempt at a time, after a pause that doubles.
    private struct Outage {
        var reason: String
        var pause: Duration
        var nextAttempt: Duration
        var isProbing = false
    }

    let size: Int
    let acquireTimeout: Duration
    private(set) var idle: [Connection] = []
    private(set) var openCount = 0
    private var waiting: Deque<Waiting> = []
    private var outage: Outage?
    private var isShutDown = false

    /// A pause short enough to be back within a second of the server's return, long enough not to hinder its start.
    private static var firstPause: Duration { .milliseconds(50) }
    private static var longestPause: Duration { .milliseconds(500) }

    init(size: Int, acquireTimeout: Duration) {
        self.size = size
        self.acquireTimeout = acquireTimeout
    }

    var isDown: Bool { self.outage != nil }

    /// When the longest waiting caller gives up; nil when none waits.
    var nextDeadline: Duration? { self.waiting.first.map { $0.since + self.acquireTimeout } }

    /// What a caller may do at once; nil when it has to wait.
    mutating func take(at now: Duration) -> Turn? {
        // Whoever waits was first.
        guard self.waiting.isEmpty else { return nil }
        return self.nextTurn(at: now)
    }

    mutating func wait(_ waiter: Waiter, id: Int, at now: Duration) {
        self.waiting.append(Waiting(id: id, waiter: waiter, since: now))
    }

    /// Takes a caller who no longer waits off the list; nil when it has had its turn.
    mutating func leave(id: Int) -> Waiter? {
        guard let index = self.waiting.firstIndex(where: { $0.id == id }) else { return nil }
        return self.waiting.remove(at: index).waiter
    }

    /// Takes the callers off the list who have waited too long, and says why they fail.
    mutating func expire(at now: Duration) -> [(Waiter, PostgresError)] {
        var expired: [(Waiter, PostgresError)] = []
        while let first = self.waiting.first, first.since + self.acquireTimeout <= now {
            self.waiting.removeFirst()
            let error =
                self.outage.map { .unavailable($0.reason) } ?? PostgresError.poolExhausted(waited: now - first.since)
            expired.append((first.waiter, error))
        }
        return expired
    }

    /// Takes a lent connection back; returns false when it is to be closed.
    mutating func giveBack(_ connection: Connection) -> Bool {
        guard !self.isShutDown else {
            self.openCount -= 1
            return false
        }
        self.idle.append(connection)
        return true
    }

    /// Counts a lent connection as closed.
    mutating func discard() {
        self.openCount -= 1
    }

    /// Returns whether an outage has ended.
    mutating func opened() -> Bool {
        defer { self.outage = nil }
        return self.isDown
    }

    /// Returns whether an outage has begun.
    mutating func failedToOpen(isProbe: Bool, _ reason: String, at now: Duration) -> Bool {
        self.openCount -= 1
        guard let outage else {
            self.outage = Outage(reason: reason, pause: Self.firstPause, nextAttempt: now + Self.firstPause)
            return true
        }
        // An attempt that was under way when the outage began says nothing new.
        guard isProbe else { return false }
        let pause = min(outage.pause * 2, Self.longestPause)
        self.outage = Outage(reason: reason, pause: pause, nextAttempt: now + pause)
        return false
    }

    /// From now on connections are closed when they come back; returns those to close now.
    mutating func shutDown() -> [Connection] {
        self.isShutDown = true
        self.openCount -= self.idle.count
        defer { self.idle = [] }
        return self.idle
    }

    /// The turns of all who need wait no longer, first come first served.
    mutating func turns(at now: Duration) -> [(Waiter, Turn)] {
        var turns: [(Waiter, Turn)] = []
        while let first = self.waiting.first, let turn = self.nextTurn(at: now) {
            self.waiting.removeFirst()
            turns.append((first.waiter, turn))
        }
        return turns
    }

    private mutating func nextTurn(at now: Duration) -> Turn? {
        if let connection = self.idle.popLast() { return .use(connection) }
        guard let outage else {
            guard self.openCount < self.size else { return nil }
            self.openCount += 1
            return .open(isProbe: false)
        }
        if !outage.isProbing, now >= outage.nextAttempt, self.openCount < self.size {
            self.outage?.isProbing = true
            self.openCount += 1
            return .open(isProbe: true)
        }
        // While others have connections, one of those may come back; the attempt of the moment may take seconds.
        let lentCount = self.openCount - (outage.isProbing ? 1 : 0)
        return lentCount > 0 ? nil : .fail(.unavailable(outage.reason))
    }
}
