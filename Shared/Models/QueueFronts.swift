import Synchronization

/// Where queues begin, of those in which a look from the beginning is dear.
///
/// What left a queue stays in its index for as long as a snapshot may see it, and a look from the beginning reads all of that
/// first. So a look begins where the one before it ended, and from the beginning at a `SparingPace`: that one finds what came in
/// before the front, too late or for a second time. A queue in which it takes no time is not remembered.
package final class QueueFronts<Key: Hashable & Sendable, Front: Sendable>: Sendable {
    private struct Queue {
        var front: Front
        var pace: SparingPace
    }

    private let free: Duration
    private let queues = Mutex<[Key: Queue]>([:])

    /// - Parameter free: a look from the beginning that takes no longer is not dear.
    package init(free: Duration = SparingPace.free) {
        self.free = free
    }

    /// Where to begin to look at `now`; nil for the beginning.
    package func front(of key: Key, at now: ContinuousClock.Instant) -> Front? {
        self.queues.withLock { queues in
            queues[key].flatMap { $0.pace.allows(at: now) ? nil : $0.front }
        }
    }

    /// When it may be looked at from the beginning; nil for at any time.
    package func wholeAt(of key: Key) -> ContinuousClock.Instant? {
        self.queues.withLock { $0[key]?.pace.nextAt }
    }

    /// Notes a look from the beginning that took `cost`, until `end`, and from where on there may be more.
    package func lookedWholly(at key: Key, upTo front: Front, for cost: Duration, until end: ContinuousClock.Instant) {
        var pace = SparingPace(free: self.free)
        pace.spent(cost, until: end)
        let queue = pace.nextAt.map { _ in Queue(front: front, pace: pace) }
        self.queues.withLock { $0[key] = queue }
    }

    /// Notes that a look from the beginning failed after `cost`: where there is a front it serves until the next one.
    package func failedWholly(at key: Key, after cost: Duration, until end: ContinuousClock.Instant) {
        self.queues.withLock { $0[key]?.pace.spent(cost, until: end) }
    }

    /// Notes a look from the front on.
    package func looked(at key: Key, upTo front: Front) {
        self.queues.withLock { $0[key]?.front = front }
    }
}
