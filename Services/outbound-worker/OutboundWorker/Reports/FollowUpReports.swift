import InternalAPI
import Logging
import ServiceLifecycle
import Shared

/// Passes on what the sandbox says about messages after it took them: its place of the webhooks of real providers.
struct FollowUpReports: Service {
    /// Tries of one batch; with their pauses messaging-service may be away for about 10 seconds.
    static var tries: Int { 15 }
    /// What waits while messaging-service is away, at a few hundred bytes each; more is dropped.
    static var waitingLimit: Int { 20_000 }
    /// The least time from one batch to the next: nobody waits for news of the sandbox.
    static var pace: Duration { .milliseconds(50) }
    /// The sandbox tells its last news within 60 ms of the attempt.
    static var lastNews: Duration { .milliseconds(100) }

    private let queue: any DeliveryQueue
    private let clock: any MonotonicClock
    private let logger: Logger
    private let pending = PendingBatch<MessagingAPI.AccountReport>(limit: HandOver.limit)

    init(queue: any DeliveryQueue, clock: any MonotonicClock, logger: Logger) {
        self.queue = queue
        self.clock = clock
        self.logger = logger
    }

    func add(_ report: MessagingAPI.AccountReport) {
        guard self.pending.count < Self.waitingLimit else {
            self.logger.warning("sandbox report dropped", metadata: ["event": "\(report.report.eventKey)"])
            return
        }
        self.pending.add(report)
    }

    func run() async {
        async let delivering: Void = self.deliverAll()
        try? await gracefulShutdown()
        try? await self.clock.sleep(for: Self.lastNews)
        self.pending.finish()
        await delivering
    }

    private func deliverAll() async {
        while let batch = await self.pending.next() {
            let began = self.clock.now
            await self.deliver(batch)
            guard batch.count < HandOver.limit else { continue }
            try? await cancelWhenGracefulShutdown {
                try await self.clock.sleep(until: began + Self.pace, tolerance: nil)
            }
        }
    }

    private func deliver(_ batch: [MessagingAPI.AccountReport]) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do {
                _ = try await self.queue.apply(batch)
                return
            } catch {
                let pause = backoff.pause(jitter: .jitter)
                let isRefused = (error as? Problem)?.refusesForGood ?? false
                guard !isRefused, backoff.failures < Self.tries else {
                    return self.logger.warning(
                        "sandbox reports not delivered",
                        metadata: ["reports": "\(batch.count)", "error": "\(String(reflecting: error))"]
                    )
                }
                try? await self.clock.sleep(for: pause)
            }
        }
    }
}
