import DequeModule
package import Shared
import Synchronization

/// The queue of one channel account.
package struct Lane: Hashable, Sendable {
    package let orgID: OrgID
    package let accountID: AccountID

    package init(orgID: OrgID, accountID: AccountID) {
        self.orgID = orgID
        self.accountID = accountID
    }
}

/// The lanes that may have due messages, in turn: a hint, refreshed by every commit and by `ProbeDueWork`.
///
/// A lane stands in it once. Whoever takes lanes claims a few messages of each and puts back those that may have more, at
/// the end: so an organization with a million messages waits its turn like one with a single message.
package final class DueWork: Sendable {
    private struct State {
        var order: Deque<Lane> = []
        var members: Set<Lane> = []
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func add(_ lanes: some Sequence<Lane>) {
        let waiters = self.state.withLock { state in
            for lane in lanes where state.members.insert(lane).inserted {
                state.order.append(lane)
            }
            guard !state.order.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Takes up to `limit` lanes from the front.
    package func take(_ limit: Int) -> [Lane] {
        self.state.withLock { state in
            let lanes = Array(state.order.prefix(limit))
            state.order.removeFirst(lanes.count)
            state.members.subtract(lanes)
            return lanes
        }
    }

    /// Waits until there is a lane, or the task is cancelled.
    package func wait() async {
        let id = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = self.state.withLock { state in
                    guard state.order.isEmpty, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            self.state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}
