package import InternalAPI
package import Postgres
package import Secrets
import ServiceLifecycle
import Shared

/// Hands due messages to a worker: a few of each lane in turn, all in one transaction.
package struct LeaseMessages: Sendable {
    /// Lanes that one lease looks at: for each row Postgres reads the transaction's list of organizations anew, so a long
    /// list costs more than another lease.
    static let lanesPerLease = 16

    let postgres: PostgresPool
    let due: DueWork
    let endLeases: EndLeases
    let secrets: SecretBox
    /// How long a worker has a message to itself: longer than a provider may take to answer.
    let leaseTime: Duration

    package init(
        postgres: PostgresPool,
        due: DueWork,
        endLeases: EndLeases,
        secrets: SecretBox,
        leaseTime: Duration
    ) {
        self.postgres = postgres
        self.due = due
        self.endLeases = endLeases
        self.secrets = secrets
        self.leaseTime = leaseTime
    }

    /// Waits until something is due, at most as long as `request` says, and leases it.
    package func callAsFunction(_ request: MessagingAPI.LeaseRequest) async throws -> MessagingAPI.LeaseAnswer {
        let life = try await self.postgres.run { connection in try WorkerStore.beat(request.worker, on: connection) }
        if life == .anotherIncarnation { try await self.endLeases() }
        let asked = ContinuousClock.now
        let deadline = asked + .milliseconds(request.waitMilliseconds)
        repeat {
            let answer = try await self.leaseNow(request, asked: asked)
            if !answer.leases.isEmpty { return answer }
        } while await self.waitUntilDue(by: deadline)
        return MessagingAPI.LeaseAnswer(leases: [], accounts: [])
    }

    /// False when `deadline` came first, or the process begins to stop: a long poll must not hold it up.
    private func waitUntilDue(by deadline: ContinuousClock.Instant) async -> Bool {
        await cancelWhenGracefulShutdown { await self.due.wait(until: deadline) }
    }

    private func leaseNow(
        _ request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant
    ) async throws -> MessagingAPI.LeaseAnswer {
        let lanes = self.due.take(min(Self.lanesPerLease, request.slots))
        guard !lanes.isEmpty else { return MessagingAPI.LeaseAnswer(leases: [], accounts: []) }
        let share = request.slots / lanes.count
        do {
            let claim = try await self.postgres.transaction(for: Array(Set(lanes.map(\.orgID)))) { connection in
                try self.claim(lanes, share: share, for: request.worker, asked: asked, on: connection)
            }
            self.due.add(claim.lanesWithMore)
            return claim.answer
        } catch {
            // Nothing was claimed, so the lanes are as due as before.
            self.due.add(lanes)
            throw error
        }
    }

    private struct Claim: Sendable {
        let answer: MessagingAPI.LeaseAnswer
        let lanesWithMore: [Lane]
    }

    private func claim(
        _ lanes: [Lane],
        share: Int,
        for worker: MessagingAPI.WorkerIdentity,
        asked: ContinuousClock.Instant,
        on connection: isolated PostgresConnection
    ) throws -> Claim {
        let waited = asked.duration(to: .now)
        let claimed = try OutboxStore.claim(
            atMost: share,
            of: lanes,
            for: worker,
            leaseTime: self.leaseTime,
            on: connection
        )
        let expired = claimed.filter(\.isExpired)
        if !expired.isEmpty { try OutboxStore.expire(expired, on: connection) }
        let leases = claimed.filter { !$0.isExpired }
        let counts = Dictionary(claimed.map { ($0.lane, 1) }, uniquingKeysWith: +)
        return Claim(
            answer: MessagingAPI.LeaseAnswer(
                leases: leases.map { $0.lease(for: waited + self.leaseTime) },
                accounts: try self.accounts(of: Set(leases.map(\.lane)), on: connection)
            ),
            lanesWithMore: lanes.filter { counts[$0] == share }
        )
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
