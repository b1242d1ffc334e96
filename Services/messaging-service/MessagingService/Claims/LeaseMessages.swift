import EventLoopTasks
import FaultPoints
package import InternalAPI
package import Logging
package import Postgres
package import Secrets
import ServiceLifecycle
import Shared

/// Hands due messages to a worker: a few of each account in turn, all in one transaction.
package struct LeaseMessages: Sendable {
    /// Accounts that one lease looks at: for each row Postgres reads the transaction's list of organizations anew, so a long
    /// list costs more than another lease.
    static let accountsPerLease = 16

    /// Messages in one answer: of 256 KB at most each, it stays below what a client reads.
    static let mostMessages = 256

    let claim: ClaimMessages
    let giveBack: GiveBackUnreceived
    let due: DueWork
    let postgres: PostgresPool
    let logger: Logger

    package init(
        postgres: PostgresPool,
        engine: PostgresPool,
        due: DueWork,
        settle: SettleMessages,
        secrets: SecretBox,
        policy: @escaping PolicyGate.Ask,
        recent: RecentVerdicts = RecentVerdicts(),
        links: UnsubscribeLinks,
        leaseTime: Duration,
        dear: Duration = SparingPace.free,
        logger: Logger
    ) {
        let change = ChangeMessages(postgres: postgres, due: due, logger: logger)
        self.claim = ClaimMessages(
            postgres: postgres,
            due: due,
            secrets: secrets,
            change: change,
            policy: PolicyGate(ask: policy, change: change, recent: recent),
            links: links,
            leaseTime: leaseTime,
            fronts: QueueFronts(free: dear)
        )
        self.giveBack = GiveBackUnreceived(engine: engine, settle: settle)
        self.due = due
        self.postgres = postgres
        self.logger = logger
    }

    /// Waits until something is due, at most as long as `request` says, and leases it.
    ///
    /// - Parameters:
    ///   - request: the worker's question.
    ///   - isThere: whether the worker still waits for the answer: for one that hung up nothing is claimed.
    /// - Throws: `Problem` `worker-superseded` (409).
    /// - Returns: nothing when nothing became due in time.
    package func callAsFunction(
        _ request: MessagingAPI.LeaseRequest,
        while isThere: @Sendable () -> Bool = { true }
    ) async throws -> MessagingAPI.LeaseAnswer {
        let life = try await self.postgres.transaction(for: [], plans: .kept) { connection in
            connection.concludeWithNext()
            return try WorkerStore.beat(request.worker, call: request.call, memory: request.memory, on: connection)
        }
        guard case .alive(_, let standing, _) = life else { throw Problem.workerSuperseded }
        if let memory = request.memory, memory.epoch != standing.epoch {
            // It has to tell its journal first, and hears so with its next heartbeat.
            try await EventLoopClock().sleep(for: .milliseconds(min(request.waitMilliseconds, 1000)))
            return .nothing
        }
        try await self.giveBack(request)
        let asked = ContinuousClock.now
        let deadline = asked + .milliseconds(request.waitMilliseconds)
        let wish: DueWork.Wish = request.slots > 0 ? .anything : .urgentOnly
        repeat {
            if let opens = self.claim.policy.closedUntil {
                // What is claimed now could only be put back.
                try await EventLoopClock().sleep(until: min(opens, deadline))
                guard opens < deadline else { break }
            }
            guard isThere() else { break }
            let accounts = self.due.take(min(Self.accountsPerLease, max(request.slots, request.urgentSlots)), wish)
            guard !accounts.isEmpty else { continue }
            guard let answer = try await self.lease(accounts, for: request, asked: asked) else { break }
            if !answer.leases.isEmpty || !answer.lookUps.isEmpty { return answer }
        } while await self.waitUntilDue(for: wish, by: deadline)
        return .nothing
    }

    /// False when `deadline` came first, or the process begins to stop: a long poll must not hold it up.
    private func waitUntilDue(for wish: DueWork.Wish, by deadline: ContinuousClock.Instant) async -> Bool {
        await cancelWhenGracefulShutdown { await self.due.wait(for: wish, until: deadline) }
    }

    /// Claims from `accounts`, and puts back those that may have more.
    ///
    /// - Returns: nil when the worker that waited is gone, or has asked anew: its accounts are left to others.
    private func lease(
        _ accounts: [DueAccount],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant
    ) async throws -> MessagingAPI.LeaseAnswer? {
        do {
            let answer = try await self.claim(accounts, for: request, asked: asked)
            if answer?.leases.isEmpty == false { FaultPoint.claimAfterCommit.reach() }
            return answer
        } catch {
            guard !((error as? any Unavailability)?.isTemporary ?? false), !(error is CancellationError) else {
                // Nothing was claimed, so the accounts are as due as before.
                self.due.add(accounts.flatMap(\.withOrdinary))
                throw error
            }
            return try await self.leaseApart(accounts, for: request, asked: asked, failure: error)
        }
    }

    /// Finds the account whose claim fails, so that it holds up nobody but itself; it is tried again with the next full look.
    private func leaseApart(
        _ accounts: [DueAccount],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant,
        failure: any Error
    ) async throws -> MessagingAPI.LeaseAnswer? {
        guard let first = accounts.first, accounts.count > 1 else {
            for due in accounts {
                self.logger.error(
                    "account can not be leased from",
                    metadata: [
                        "org.id": "\(due.account.orgID)", "account.id": "\(due.account.accountID)",
                        "error": "\(String(reflecting: failure))",
                    ]
                )
            }
            return .nothing
        }
        self.due.add(accounts.dropFirst().flatMap(\.withOrdinary))
        return try await self.lease([first], for: request, asked: asked)
    }
}

extension DueWork {
    /// Waits until there is an account; false when `deadline` came first, or the task was cancelled.
    func wait(for wish: Wish, until deadline: ContinuousClock.Instant) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.wait(for: wish)
                return !Task.isCancelled
            }
            group.addTask {
                try? await EventLoopClock().sleep(until: deadline)
                return false
            }
            let isDue = await group.next() ?? false
            group.cancelAll()
            return isDue && !Task.isCancelled
        }
    }
}

extension Problem {
    static let workerSuperseded = Problem(
        code: "worker-superseded",
        status: 409,
        title:
            "A later start of a worker with this name is known: give each worker a name of its own, and check its clock."
    )
}
