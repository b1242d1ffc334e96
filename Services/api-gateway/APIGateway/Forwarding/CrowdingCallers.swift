import Shared
import Synchronization

/// Whose creates were refused because their organization has most of the places: what else they send is refused at the door for as
/// long as that is so, before anybody asks whose key it is.
final class CrowdingCallers: Sendable {
    /// With more all are forgotten, and met again.
    static let most = 10_000

    /// By the hash of what they authorize themselves with: no secret stays in memory.
    private let lanes = Mutex<[Int: Int]>([:])

    func add(_ authorization: String, in lane: Int) {
        self.lanes.withLock { lanes in
            if lanes.count >= Self.most { lanes = [:] }
            lanes[authorization.hashValue] = lane
        }
    }

    /// Nil for who was never refused.
    func lane(of authorization: String) -> Int? {
        self.lanes.withLock { $0[authorization.hashValue] }
    }
}
