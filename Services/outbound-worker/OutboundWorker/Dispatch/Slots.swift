import Metrics
import Synchronization

/// How many more messages the worker may hold.
///
/// A slot is taken when a message is leased or a look-up begins, and free again when messaging-service knows what came of it:
/// so what nobody was told yet is bounded too. More may be taken than are free; then none is until they are given back.
final class Slots: Sendable {
    private struct State {
        var free: Int
        var isClosed = false
        /// There is one waiting caller at most: the dispatcher's loop.
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// All of them, free or not.
    let count: Int
    private let state: Mutex<State>
    private let taken = Meter(label: "herald_worker_slots_taken")

    init(count: Int) {
        self.count = count
        self.state = Mutex(State(free: count))
        Gauge(label: "herald_worker_slots").record(count)
    }

    /// Whether most of them are free: then there is no hurry, and a call may wait until it has more to carry.
    var areMostlyFree: Bool { self.state.withLock { $0.free > self.count / 2 } }

    /// Nothing more is to be begun.
    var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Waits until there is a free slot.
    ///
    /// - Returns: the number of free slots; nil once closed.
    func free() async -> Int? {
        while true {
            let (free, isClosed) = self.state.withLock { ($0.free, $0.isClosed) }
            if isClosed { return nil }
            if free > 0 { return free }
            await withCheckedContinuation { continuation in
                let mayGoOn = self.state.withLock { state in
                    guard state.free <= 0, !state.isClosed else { return true }
                    state.waiter = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        }
    }

    func take(_ count: Int) {
        self.state.withLock { $0.free -= count }
        self.taken.increment(by: Double(count))
    }

    func release(_ count: Int) {
        self.taken.decrement(by: Double(count))
        self.wake { $0.free += count }
    }

    /// Ends the waiting, now and for ever: nothing more is leased.
    func close() {
        self.wake { $0.isClosed = true }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = self.state.withLock { state in
            change(&state)
            return state.waiter.take()
        }
        waiter?.resume()
    }
}
