import NIOCore
import NIOPosix
import Synchronization

/// `ContinuousClock`, whose sleepers are woken by the event loops.
///
/// The runtime's own clocks hand each sleep to Dispatch: a thread there arms its timer, another one finds that it is over, and a
/// third hands the task back to its event loop. At a hundred messages a second that was a quarter of all thread switches.
/// Whoever sleeps while the machine is suspended wakes as much later.
package struct EventLoopClock: Clock {
    package typealias Instant = ContinuousClock.Instant

    package init() {}

    package var now: Instant { .now }
    package var minimumResolution: Duration { .nanoseconds(1) }

    /// - Throws: `CancellationError`, at once when the task is cancelled.
    package func sleep(until deadline: Instant, tolerance: Duration? = nil) async throws {
        let sleep = EventLoopSleep()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                sleep.begin(continuation, for: self.now.duration(to: deadline))
            }
        } onCancel: {
            sleep.end(throwing: CancellationError())
        }
    }
}

/// One sleeper, woken by whoever comes first: its time, or a cancellation.
private final class EventLoopSleep: Sendable {
    private enum State {
        case awake
        case asleep(CheckedContinuation<Void, any Error>, Scheduled<Void>)
        case cancelled(any Error)
        case over
    }

    /// A hundred years: with longer ones the loop's reckoning in nanoseconds would overflow.
    private static let longest: Duration = .seconds(3_155_760_000)

    private let state = Mutex(State.awake)

    func begin(_ continuation: CheckedContinuation<Void, any Error>, for duration: Duration) {
        let error: (any Error)? = self.state.withLock { state in
            if case .cancelled(let error) = state { return error }
            // On the loop of this thread, where it has one: nobody is woken for that.
            let loop = MultiThreadedEventLoopGroup.singleton.any()
            let timer = loop.scheduleTask(in: TimeAmount(min(duration, Self.longest))) { self.end() }
            state = .asleep(continuation, timer)
            return nil
        }
        if let error { continuation.resume(throwing: error) }
    }

    func end(throwing error: (any Error)? = nil) {
        let sleeper: (CheckedContinuation<Void, any Error>, Scheduled<Void>)? = self.state.withLock { state in
            switch state {
            case .asleep(let continuation, let timer):
                state = .over
                return (continuation, timer)
            case .awake:
                if let error { state = .cancelled(error) }
                return nil
            case .cancelled, .over: return nil
            }
        }
        guard let (continuation, timer) = sleeper else { return }
        guard let error else { return continuation.resume() }
        timer.cancel()
        continuation.resume(throwing: error)
    }
}
