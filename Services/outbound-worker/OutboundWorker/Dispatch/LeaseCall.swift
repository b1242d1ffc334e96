import InternalAPI
import ServiceLifecycle

/// Asks messaging-service for work by long poll.
struct LeaseCall: Sendable {
    /// How long messaging-service may keep the question when nothing is due: few calls when idle, and short enough for
    /// proxies that cut a silent connection after 30 s.
    static var wait: Duration { .seconds(20) }
    /// What a call that is being answered gets at shutdown, so that its leases are not lost until they end.
    static var lastAnswer: Duration { .milliseconds(250) }

    let queue: any DeliveryQueue
    let clock: any MonotonicClock

    /// - Throws: also `CancellationError`, when shutdown began and no answer came soon after.
    func callAsFunction(slots: Int) async throws -> MessagingAPI.LeaseAnswer {
        try await withThrowingTaskGroup(of: MessagingAPI.LeaseAnswer?.self) { race in
            race.addTask { try await self.queue.lease(slots: slots, wait: Self.wait) }
            race.addTask {
                try await gracefulShutdown()
                try await self.clock.sleep(for: Self.lastAnswer)
                return nil
            }
            defer { race.cancelAll() }
            guard let answer = try await race.next() ?? nil else { throw CancellationError() }
            return answer
        }
    }
}
