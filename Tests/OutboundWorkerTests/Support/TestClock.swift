import Synchronization

@testable import OutboundWorker

/// A clock that stands still until a test moves it.
final class TestClock: MonotonicClock {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var now: Instant
        var lastID = 0
        var isFree = false
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
    }

    let start: Instant
    private let state: Mutex<State>

    init() {
        let start = ContinuousClock.now
        self.start = start
        self.state = Mutex(State(now: start))
    }

    var now: Instant { self.state.withLock { $0.now } }
    var minimumResolution: Duration { .zero }

    /// How long each sleeper still has to sleep, the shortest first.
    var sleeps: [Duration] {
        self.state.withLock { state in
            state.sleepers.values.map { state.now.duration(to: $0.deadline) }.sorted()
        }
    }

    func advance(by duration: Duration) {
        let due = self.state.withLock { state in
            state.now += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Ends every sleep after a millisecond from now on, so that a test needs not conduct the end of what it started.
    func runFreely() {
        let sleepers = self.state.withLock { state in
            state.isFree = true
            defer { state.sleepers = [:] }
            return state.sleepers.values.map(\.continuation)
        }
        for continuation in sleepers { continuation.resume() }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = self.state.withLock { state in
                    guard deadline > state.now, !state.isFree, !Task.isCancelled else { return true }
                    state.sleepers[id] = (deadline, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
            try Task.checkCancellation()
        } onCancel: {
            let sleeper = self.state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        // Loops that sleep go on for ever, and would leave the processor to nobody.
        if self.state.withLock(\.isFree) { try await Task.sleep(for: .milliseconds(1)) }
    }
}
