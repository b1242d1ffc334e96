package import InternalAPI
package import Logging
package import Postgres
package import Secrets
import ServiceLifecycle
import Shared

/// Hands due messages to a worker: a few of each lane in turn, all in one transaction.
package struct LeaseMessages: Sendable {
    /// Lanes that one lease looks at: for each row Postgres reads the transaction's list of organizations anew, so a long
    /// list costs more than another lease.
    static let lanesPerLease = 16

    /// Messages in one answer: of 256 KB at most each, it stays below what a client reads.
    static let mostMessages = 256

    let postgres: PostgresPool
    let due: DueWork
    let endLeases: EndLeases
    let expire: ExpireMessages
    let secrets: SecretBox
    /// How long a worker has a message to itself: longer than a provider may take to answer.
    let leaseTime: Duration
    let logger: Logger

    package init(
        postgres: PostgresPool,
        due: DueWork,
        endLeases: EndLeases,
        secrets: SecretBox,
        leaseTime: Duration,
        logger: Logger
    ) {
        self.postgres = postgres
        self.due = due
        self.endLeases = endLeases
        self.expire = ExpireMessages(postgres: postgres)
        self.logger = logger
        self.secrets = secrets
        self.leaseTime = leaseTime
    }

    /// Waits until something is due, at most as long as `request` says, and leases it.
    ///
    /// - Throws: `Problem` `worker-superseded` (409).
    package func callAsFunction(_ request: MessagingAPI.LeaseRequest) async throws -> MessagingAPI.LeaseAnswer {
        switch try await self.postgres.run({ connection in try WorkerStore.beat(request.worker, on: connection) }) {
        case .same: break
        case .anotherIncarnation: try await self.endLeases()
        case .superseded: throw Problem.workerSuperseded
        }
        let asked = ContinuousClock.now
        let deadline = asked + .milliseconds(request.waitMilliseconds)
        repeat {
            let lanes = self.due.take(min(Self.lanesPerLease, request.slots))
            guard !lanes.isEmpty else { continue }
            guard let claim = try await self.claim(lanes, for: request, asked: asked) else { break }
            if !claim.answer.leases.isEmpty { return claim.answer }
        } while await self.waitUntilDue(by: deadline)
        return MessagingAPI.LeaseAnswer(leases: [], accounts: [])
    }

    /// False when `deadline` came first, or the process begins to stop: a long poll must not hold it up.
    private func waitUntilDue(by deadline: ContinuousClock.Instant) async -> Bool {
        await cancelWhenGracefulShutdown { await self.due.wait(until: deadline) }
    }

    private struct Claim: Sendable {
        var answer: MessagingAPI.LeaseAnswer
        var expired: [ClaimedMessage]
        var lanesWithMore: [Lane]
    }

    /// Claims from `lanes`, and puts back those that may have more.
    ///
    /// - Returns: nil when the worker that waited is gone: its lanes are left to others.
    private func claim(
        _ lanes: [Lane],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant
    ) async throws -> Claim? {
        let claim: Claim?
        do {
            claim = try await self.claimTogether(lanes, for: request, asked: asked)
        } catch {
            guard !((error as? any Unavailability)?.isTemporary ?? false), !(error is CancellationError) else {
                // Nothing was claimed, so the lanes are as due as before.
                self.due.add(lanes)
                throw error
            }
            return try await self.claimApart(lanes, for: request, asked: asked, failure: error)
        }
        guard let claim else {
            self.due.add(lanes)
            return nil
        }
        self.due.add(claim.lanesWithMore)
        try await self.expire(claim.expired)
        return claim
    }

    /// Finds the lane whose claim fails, so that it holds up nobody but itself; it is tried again with the next full look.
    private func claimApart(
        _ lanes: [Lane],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant,
        failure: any Error
    ) async throws -> Claim? {
        guard let lane = lanes.first, lanes.count > 1 else {
            for lane in lanes {
                self.logger.error(
                    "lane can not be leased",
                    metadata: [
                        "org.id": "\(lane.orgID)", "account.id": "\(lane.accountID)",
                        "error": "\(String(reflecting: failure))",
                    ]
                )
            }
            return Claim(answer: .init(leases: [], accounts: []), expired: [], lanesWithMore: [])
        }
        self.due.add(lanes.dropFirst())
        return try await self.claim([lane], for: request, asked: asked)
    }

    private func claimTogether(
        _ lanes: [Lane],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant
    ) async throws -> Claim? {
        let share = min(request.slots, Self.mostMessages) / lanes.count
        return try await self.postgres.transaction(for: Array(Set(lanes.map(\.orgID)))) { connection -> Claim? in
            guard try WorkerStore.isAlive(request.worker, on: connection) else { return nil }
            let claimed = try OutboxStore.claim(
                atMost: share,
                of: lanes,
                for: request.worker,
                leaseTime: self.leaseTime,
                on: connection
            )
            let leases = claimed.filter { !$0.isExpired }
            let counts = Dictionary(claimed.map { ($0.lane, 1) }, uniquingKeysWith: +)
            let waited = asked.duration(to: .now)
            return Claim(
                answer: MessagingAPI.LeaseAnswer(
                    leases: leases.map { $0.lease(for: waited + self.leaseTime) },
                    accounts: try self.accounts(of: Set(leases.map(\.lane)), on: connection)
                ),
                expired: claimed.filter(\.isExpired),
                lanesWithMore: lanes.filter { counts[$0] == share }
            )
        }
    }

    private func accounts(
        of lanes: Set<Lane>,
        on connection: isolated PostgresConnection
    ) throws -> [MessagingAPI.LeasedAccount] {
        guard !lanes.isEmpty else { return [] }
        return try AccountStore.sealedAccounts(Array(lanes), on: connection).map { account in
            MessagingAPI.LeasedAccount(
                id: account.id,
                provider: account.provider,
                credentials: try self.secrets.openCredentials(account.credentials.bytes, at: account.place)
            )
        }
    }
}

extension DueWork {
    /// Waits until there is a lane; false when `deadline` came first, or the task was cancelled.
    func wait(until deadline: ContinuousClock.Instant) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.wait()
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
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
