import Postgres
import Shared
import Synchronization

/// How many messages of a broadcast have each status.
///
/// All of them are read for it: a count that took long is answered for twenty times as long, so that who asks often keeps a
/// twentieth of a connection busy at most. What a broadcast ends with is counted anew.
final class CountMessages: Sendable {
    typealias Counts = [MessageStatus: Int]

    /// Counts that are kept.
    static let most = 1000
    private struct Kept: Sendable {
        let state: BroadcastState
        let counts: Counts
        let until: ContinuousClock.Instant
    }

    /// How much longer than it took a count is answered.
    private let ratio: Int
    private let kept = Mutex<[ID<Broadcast>: Kept]>([:])

    init(ratio: Int = 20) {
        self.ratio = ratio
    }

    func callAsFunction(
        of broadcast: StoredBroadcast,
        on connection: isolated PostgresConnection
    ) throws -> Counts {
        let began = ContinuousClock.now
        let kept = self.kept.withLock { $0[broadcast.id] }
        if let kept, kept.state == broadcast.state, kept.until > began { return kept.counts }
        var counts: Counts = [:]
        for row in try connection.query(BroadcastStore.counts(of: broadcast.id, broadcast.orgID)) {
            counts[try row.get("status")] = try row.get("count")
        }
        let now = ContinuousClock.now
        self.kept.withLock { [counts, ratio = self.ratio] all in
            if all.count >= Self.most { all = all.filter { $0.value.until > now } }
            guard all.count < Self.most else { return }
            let until = now + began.duration(to: now) * ratio
            all[broadcast.id] = Kept(state: broadcast.state, counts: counts, until: until)
        }
        return counts
    }
}
