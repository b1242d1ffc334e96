import Synchronization

/// Whose creates were refused because their organization has most of the places: what else they send is refused at the door for as
/// long as that is so, before anybody asks whose key it is.
final class CrowdingCallers: Sendable {
    /// With more all are forgotten, and met again.
    static let most = 10_000
    /// How long one is known after a refusal behind the door.
    static let memory: Duration = .seconds(60)

    private struct Known {
        let lane: Int
        let until: ContinuousClock.Instant
    }

    /// By the hash of what they authorize themselves with: no secret stays in memory.
    private let callers = Mutex<[Int: Known]>([:])

    /// - Parameters:
    ///   - authorization: of an organization's own key; the operator's acts for all of them.
    ///   - lane: the organization's.
    ///   - now: the moment of the refusal.
    /// - Returns: whether it was not known.
    func add(_ authorization: String, in lane: Int, at now: ContinuousClock.Instant = .now) -> Bool {
        let hash = authorization.hashValue
        return self.callers.withLock { callers in
            if let known = callers[hash], now < known.until { return false }
            if callers[hash] == nil, callers.count >= Self.most { callers = [:] }
            callers[hash] = Known(lane: lane, until: now + Self.memory)
            return true
        }
    }

    /// Nil for who was not refused lately.
    func lane(of authorization: String, at now: ContinuousClock.Instant = .now) -> Int? {
        guard let known = self.callers.withLock({ $0[authorization.hashValue] }), now < known.until else { return nil }
        return known.lane
    }
}
