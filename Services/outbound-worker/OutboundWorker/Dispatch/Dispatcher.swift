import InternalAPI
import Logging
import ServiceLifecycle
import Shared

/// Leases messages for its free slots, sends each as soon as there is one, and hands over what became of them, until shutdown.
///
/// On graceful shutdown nothing more is leased or begun, what was begun ends, and every outcome is handed over. A worker that
/// dies instead leaves its journal to the next one of its name.
struct Dispatcher: Service {
    /// The least time from one question for work to the next after an answer without work: another worker was faster, or
    /// messaging-service is stopping.
    static var emptyPace: Duration { .milliseconds(50) }
    /// The same after an answer of which nothing could be begun: what is wrong with all of it is not over in milliseconds,
    /// and what was given back is leased again at once.
    static var refusedPace: Duration { .seconds(1) }

    /// The moment before a question for work.
    private struct Asked {
        let at: ContinuousClock.Instant
        /// Of the journal: what is leased before a restore must not begin after it.
        let generation: Int
    }

    private let worker: MessagingAPI.WorkerIdentity
    private let lease: LeaseCall
    private let attempt: SendAttempt
    private let ask: AskProvider
    private let slots: Slots
    private let suspects: Suspects
    private let outcomes: OutcomeReports
    private let readiness: Readiness
    private let fence: RestoreFence?

    private var clock: any MonotonicClock { self.attempt.clock }
    private var logger: Logger { self.attempt.logger }

    init(
        handOver: HandOver,
        attempt: SendAttempt,
        slots count: Int,
        readiness: Readiness,
        fence: RestoreFence? = nil
    ) {
        let slots = Slots(count: count)
        let suspects = Suspects()
        self.worker = handOver.worker
        self.lease = LeaseCall(queue: handOver.queue, clock: handOver.clock)
        self.attempt = attempt
        self.ask = AskProvider(
            providers: attempt.providers,
            deadline: attempt.deadline,
            clock: attempt.clock,
            logger: attempt.logger,
            metrics: attempt.metrics
        )
        self.slots = slots
        self.suspects = suspects
        self.outcomes = OutcomeReports(
            handOver: handOver,
            journal: attempt.journal,
            slots: slots,
            suspects: suspects,
            logger: handOver.logger
        )
        self.readiness = readiness
        self.fence = fence
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
        await withDiscardingTaskGroup { work in
            var backoff = Backoff()
            var numbers = LeaseNumbers()
            while let share = await self.slots.share() {
                let asked = Asked(at: self.clock.now, generation: self.attempt.journal.generation)
                var pause: Duration
                do {
                    // What can not be journaled could only be given back.
                    try self.attempt.journal.repair()
                    let answer = try await self.lease(self.request(share, numbered: &numbers))
                    numbers.arrived()
                    backoff = Backoff()
                    self.readiness.succeeded()
                    pause = self.start(answer, to: share, asked: asked, in: &work)
                    pause -= asked.at.duration(to: self.clock.now)
                } catch {
                    pause = backoff.pause(jitter: .jitter)
                    if backoff.isWorthTelling { self.tell(error, failures: backoff.failures) }
                }
                if pause > .zero { await self.sleep(for: pause) }
            }
        }
    }

    private func request(_ share: SlotShare, numbered numbers: inout LeaseNumbers) -> MessagingAPI.LeaseRequest {
        numbers.ask()
        let suspects = self.suspects.allowance
        // Slots that become free are for anything again, so a question for codes alone is a short one.
        let wait = suspects > 0 && share.any > 0 ? LeaseCall.wait : LeaseCall.shortWait
        return .init(
            worker: self.worker,
            slots: share.any,
            urgentSlots: share.urgent,
            waitMilliseconds: Int(wait.milliseconds),
            call: numbers.call,
            received: numbers.received,
            suspects: suspects,
            memory: self.fence?.memory
        )
    }

    /// Begins what can be begun, and gives back the rest.
    ///
    /// - Returns: the least time from this question to the next.
    private func start(
        _ answer: MessagingAPI.LeaseAnswer,
        to share: SlotShare,
        asked: Asked,
        in work: inout DiscardingTaskGroup
    ) -> Duration {
        let accounts = Dictionary(answer.accounts.map { ($0.id, $0) }) { first, _ in first }
        self.slots.hold(answer.leases.count + answer.lookUps.count)
        var reasons: [NotMade: Int] = [:]
        for (index, lease) in answer.leases.enumerated() {
            if lease.isSuspect { self.suspects.add(lease.key) }
            do throws(NotMade) {
                guard index < share.any + share.urgent else { throw .tooMany }
                let account = try self.account(for: lease, among: accounts, askedAt: asked.at)
                work.addTask { await self.send(lease, account, asked: asked) }
            } catch {
                reasons[error, default: 0] += 1
                self.giveBack(.unused(lease.key))
            }
        }
        self.slots.beginAtOnce(answer.lookUps.count)
        for lookUp in answer.lookUps {
            let account = accounts[lookUp.accountID]
            work.addTask { await self.find(lookUp, account) }
        }
        self.tell(reasons)
        if answer.leases.isEmpty, answer.lookUps.isEmpty { return Self.emptyPace }
        let refused = reasons.values.reduce(0, +)
        if !answer.leases.isEmpty, refused == answer.leases.count { return Self.refusedPace }
        return Pace.after(answer.leases.count + answer.lookUps.count, of: self.slots)
    }

    /// - Throws: why the attempt is not to be made.
    private func account(
        for lease: MessagingAPI.Lease,
        among accounts: [AccountID: MessagingAPI.LeasedAccount],
        askedAt: ContinuousClock.Instant
    ) throws(NotMade) -> MessagingAPI.LeasedAccount {
        if self.slots.isClosed { throw .stopping }
        if let fence, !fence.isOpen { throw .fenced }
        guard let account = accounts[lease.accountID] else { throw .noAccount }
        if self.attempt.isNearlyOver(lease, askedAt: askedAt) { throw .nearlyOver }
        return account
    }

    private func send(
        _ lease: MessagingAPI.Lease,
        _ account: MessagingAPI.LeasedAccount,
        asked: Asked
    ) async {
        guard await self.slots.begin(isUrgent: lease.isUrgent ?? false) else {
            self.attempt.metrics.notMade(because: .stopping)
            return self.giveBack(.unused(lease.key))
        }
        self.ended(await self.attempt(lease, account: account, askedAt: asked.at, generation: asked.generation))
    }

    private func find(_ lookUp: MessagingAPI.LookUp, _ account: MessagingAPI.LeasedAccount?) async {
        guard !self.slots.isClosed else { return self.ended(.finding(.stopping(lookUp))) }
        self.ended(.finding(await self.ask(lookUp, account: account)))
    }

    /// Of what had a slot.
    private func ended(_ end: LeaseEnd) {
        self.slots.end()
        self.outcomes.add(end)
    }

    /// What had none.
    private func giveBack(_ end: LeaseEnd) {
        self.slots.giveBack(1)
        self.outcomes.add(end)
    }

    /// Ends early at shutdown.
    private func sleep(for pause: Duration) async {
        try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: pause) }
    }

    private func tell(_ error: any Error, failures: Int) {
        guard !(error is CancellationError) else { return }
        self.logger.warning(
            "no work is taken",
            metadata: ["failures": "\(failures)", "error": "\(String(reflecting: error))"]
        )
    }

    private func tell(_ reasons: [NotMade: Int]) {
        for (reason, count) in reasons {
            self.attempt.metrics.notMade(count, because: reason)
            self.logger.warning(
                "leases are given back unused",
                metadata: ["leases": "\(count)", "reason": "\(reason.sentence)"]
            )
        }
    }
}
