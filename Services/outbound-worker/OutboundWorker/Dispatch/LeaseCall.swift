import InternalAPI
import ServiceLifecycle

/// Asks messaging-service for work by long poll.
struct LeaseCall: Sendable {
    /// How long messaging-service may keep the question when nothing is due: few calls when idle, and short enough for
    /// proxies that cut a silent connection after 30 s.
    static var wait: Duration { .seconds(20) }
    /// The same while something ends soon that changes the question: a suspect is in flight.
    static var shortWait: Duration { .milliseconds(50) }
    /// The same of a question for one-time codes alone: slots that become free are for anything again.
    static var codesWait: Duration { .milliseconds(20) }
    /// What a call that is being answered gets at shutdown, so that its leases are given back and need not end.
    static var lastAnswer: Duration { .milliseconds(250) }

    let queue: any DeliveryQueue
    let clock: any MonotonicClock

    /// - Throws: also `CancellationError`, when shutdown began and no answer came soon after.
    func callAsFunction(_ request: MessagingAPI.LeaseRequest) async throws -> MessagingAPI.LeaseAnswer {
        try await withThrowingTaskGroup(of: MessagingAPI.LeaseAnswer?.self) { race in
            race.addTask { try await self.queue.lease(request) }
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

/// Numbers the questions for work, so that what an answer held that never arrived is leased again at once.
struct LeaseNumbers: Equatable {
    /// Of the question that is asked now; 0 before the first.
    private(set) var call = 0
    /// Of the latest question whose answer arrived.
    private(set) var received = 0

    mutating func ask() { self.call += 1 }
    mutating func arrived() { self.received = self.call }
}
