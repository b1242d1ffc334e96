import InternalAPI
import Logging
import ServiceLifecycle

/// Leases messages for its free slots, sends them all at once, and hands over their outcomes, until shutdown.
///
/// On graceful shutdown nothing more is leased, what is held is sent, and every outcome is handed over. A worker that dies
/// instead leaves its leases to end, after which messaging-service decides about each message.
struct Dispatcher: Service {
    /// The least time from one question for work to the next.
    ///
    /// Under load it makes few large claims out of many small ones: 200 a second cost messaging-service less than a fifth of
    /// a core. Idle it costs nothing, because a question that waited for work is older than that.
    static var pace: Duration { .milliseconds(5) }
    /// The same after an answer without work: another worker was faster, or messaging-service is stopping.
    static var emptyPace: Duration { .milliseconds(50) }

    private let lease: LeaseCall
    private let attempt: SendAttempt
    private let slots: Slots
    private let outcomes: OutcomeReports
    private let readiness: Readiness
    private let clock: any MonotonicClock
    private let logger: Logger

    init(
        queue: any DeliveryQueue,
        attempt: SendAttempt,
        slots count: Int,
        readiness: Readiness,
        clock: any MonotonicClock,
        logger: Logger
    ) {
        let slots = Slots(count: count)
        self.lease = LeaseCall(queue: queue, clock: clock)
        self.attempt = attempt
        self.slots = slots
        self.outcomes = OutcomeReports(queue: queue, slots: slots, clock: clock, logger: logger)
        self.readiness = readiness
        self.clock = clock
        self.logger = logger
    }

    func run() async {
        await withTaskCancellationOrGracefulShutdownHandler {
            async let reporting: Void = self.outcomes.run()
            await self.leaseAndSend()
            self.outcomes.finish()
            await reporting
        } onCancelOrGracefulShutdown: {
            self.slots.close()
        }
    }

    /// Ends after shutdown, when the last attempt has ended.
    private func leaseAndSend() async {
        await withDiscardingTaskGroup { attempts in
            var backoff = Backoff()
            while let free = await self.slots.free() {
                let askedAt = self.clock.now
                var pause: Duration
                do {
                    let answer = try await self.lease(slots: free)
                    backoff = Backoff()
                    self.readiness.succeeded()
                    self.start(answer, of: free, askedAt: askedAt, in: &attempts)
                    pause = answer.leases.isEmpty ? Self.emptyPace : Self.pace
                    pause -= askedAt.duration(to: self.clock.now)
                } catch {
                    pause = backoff.pause(jitter: .jitter)
                    if backoff.isWorthTelling { self.tell(error, failures: backoff.failures) }
                }
                if pause > .zero { await self.sleep(for: pause) }
            }
        }
    }

    private func start(
        _ answer: MessagingAPI.LeaseAnswer,
        of free: Int,
        askedAt: ContinuousClock.Instant,
        in attempts: inout DiscardingTaskGroup
    ) {
        // More than was asked for would break the promise that holds memory and connections; the rest goes to others.
        let leases = answer.leases.prefix(free)
        let accounts = Dictionary(answer.accounts.map { ($0.id, $0) }) { first, _ in first }
        self.slots.take(leases.count)
        for lease in leases {
            let account = accounts[lease.accountID]
            attempts.addTask {
                guard let outcome = await self.attempt(lease, account: account, askedAt: askedAt) else {
                    return self.slots.release(1)
                }
                self.outcomes.add(outcome)
            }
        }
    }

    /// Ends early at shutdown.
    private func sleep(for pause: Duration) async {
        try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
    }

    private func tell(_ error: any Error, failures: Int) {
        guard !(error is CancellationError) else { return }
        self.logger.warning(
            "no work to be had from messaging-service",
            metadata: ["failures": "\(failures)", "error": "\(String(reflecting: error))"]
        )
    }
}
