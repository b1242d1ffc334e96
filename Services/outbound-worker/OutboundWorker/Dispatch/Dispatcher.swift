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
    /// How long there may be room for something else, before codes alone are asked for.
    static var codesPace: Duration { .milliseconds(10) }
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
            while let share = await self.share() {
                let asked = Asked(at: self.clock.now, generation: self.attempt.journal.generation)
                self.slots.asked(at: asked.at)
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

    /// What to ask for: codes alone only when there is room for nothing else for a while.
    ///
    /// Such a question takes the place of one for anything, which brings codes as well.
    private func share() async -> SlotShare? {
        self.slots.forget(at: self.clock.now)
        guard let share = await self.slots.share() else { return nil }
        guard share.any == 0 else { return share }
        await self.sleep(for: Self.codesPace)
        return await self.slots.share()
    }

    private func request(_ share: SlotShare, numbered numbers: inout LeaseNumbers) -> MessagingAPI.LeaseRequest {
        numbers.ask()
        let suspects = self.suspects.allowance
        let wait = share.any == 0 ? LeaseCall.codesWait : suspects > 0 ? LeaseCall.wait : LeaseCall.shortWait
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
        // A messaging-service of the release before does not say which are codes.
        let isCode = { (lease: MessagingAPI.Lease) in lease.isUrgent ?? (share.any == 0) }
        let codes = answer.leases.count(where: isCode)
        if self.slots.hold(answer.leases.count + answer.lookUps.count, codes: codes) {
            let freshest = answer.leases.map(\.freshMilliseconds).max() ?? 0
            work.addTask { await self.dismiss(at: asked.at + .milliseconds(freshest + 1)) }
        }
        var reasons: [NotMade: Int] = [:]
        for (index, lease) in answer.leases.enumerated() {
            if lease.isSuspect { self.suspects.add(lease.key) }
            do throws(NotMade) {
                guard index < share.any + share.urgent else { throw .tooMany }
                let account = try self.account(for: lease, among: accounts, askedAt: asked.at)
                let isCode = isCode(lease)
                work.addTask { await self.send(lease, isCode: isCode, account, asked: asked) }
            } catch {
                reasons[error, default: 0] += 1
                self.giveBack(lease, isCode: isCode(lease))
            }
        }
        self.slots.beginLookUps(answer.lookUps.count)
        for lookUp in answer.lookUps {
            let account = accounts[lookUp.accountID]
            work.addTask { await self.find(lookUp, account) }
        }
        self.tell(reasons)
        if answer.leases.isEmpty, answer.lookUps.isEmpty {
            return share.any == 0 ? LeaseCall.codesWait : Self.emptyPace
        }
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
        isCode: Bool,
        _ account: MessagingAPI.LeasedAccount,
        asked: Asked
    ) async {
        switch await self.slots.begin(isCode: isCode, before: asked.at + .milliseconds(lease.freshMilliseconds)) {
        case .begun: break
        case .tooLate: return self.giveBack(lease, isCode: isCode, because: .policyTooOld)
        case .stopping: return self.giveBack(lease, isCode: isCode, because: .stopping)
        }
        let start = self.clock.now
        let end = await self.attempt(lease, account: account, askedAt: asked.at, generation: asked.generation)
        self.slots.end(after: end.isUnused ? nil : start.duration(to: self.clock.now))
        self.outcomes.add(end)
    }

    /// Sends away who still waits for a slot when what was decided about it is too old.
    private func dismiss(at time: ContinuousClock.Instant) async {
        await self.sleep(for: self.clock.now.duration(to: time))
        self.slots.dismiss(at: self.clock.now)
    }

    private func find(_ lookUp: MessagingAPI.LookUp, _ account: MessagingAPI.LeasedAccount?) async {
        let isClosed = self.slots.isClosed
        let finding: MessagingAPI.LookUpFinding =
            isClosed ? .stopping(lookUp) : await self.ask(lookUp, account: account)
        self.slots.endLookUp()
        self.outcomes.add(.finding(finding))
    }

    /// What was not begun.
    private func giveBack(_ lease: MessagingAPI.Lease, isCode: Bool, because reason: NotMade? = nil) {
        if let reason { self.attempt.metrics.notMade(because: reason) }
        self.slots.giveBack(isCode: isCode)
        self.outcomes.add(.unused(lease.key))
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
