import InternalAPI
import Postgres
import Shared

@testable import MessagingService

extension MessagingFixture {
    /// Asks for work as a worker does that got all its answers.
    func ask(
        slots: Int = 10,
        urgentSlots: Int = 0,
        waitMilliseconds: Int = 0,
        suspects: Int = 1,
        worker: MessagingAPI.WorkerIdentity? = nil,
        of lease: LeaseMessages? = nil
    ) async throws -> MessagingAPI.LeaseAnswer {
        let worker = worker ?? self.worker
        let call = self.calls.next(of: worker)
        return try await (lease ?? self.lease)(
            .init(
                worker: worker,
                slots: slots,
                urgentSlots: urgentSlots,
                waitMilliseconds: waitMilliseconds,
                call: call,
                received: call - 1,
                suspects: suspects
            )
        )
    }

    /// Leases what is due now, without waiting.
    func leaseNow(
        slots: Int = 10,
        suspects: Int = 1,
        worker: MessagingAPI.WorkerIdentity? = nil
    ) async throws -> [MessagingAPI.Lease] {
        try await self.ask(slots: slots, suspects: suspects, worker: worker).leases
    }

    /// Puts all accounts of the organization into the walk, as `ProbeDueWork` does, and leases what is due.
    func offerAndLease(
        slots: Int = 10,
        suspects: Int = 1,
        worker: MessagingAPI.WorkerIdentity? = nil
    ) async throws -> [MessagingAPI.Lease] {
        try await self.offer()
        return try await self.leaseNow(slots: slots, suspects: suspects, worker: worker)
    }

    /// Puts all accounts of the organization into the walk.
    func offer(to due: DueWork? = nil) async throws {
        let accounts = try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query("SELECT id FROM channel_accounts").map { row in
                AccountKey(orgID: self.orgID, accountID: try row.get("id"))
            }
        }
        (due ?? self.due).add(accounts.flatMap { [DueAccount($0, .otp), DueAccount($0, .ordinary)] })
    }

    /// Another life of the fixture's worker.
    func worker(life incarnation: Int64) -> MessagingAPI.WorkerIdentity {
        .init(name: self.worker.name, incarnation: incarnation)
    }

    /// What a worker says first when it is started anew.
    func recover(
        life incarnation: Int64,
        journal: MessagingAPI.RecoveryRequest.Journal = .intact,
        uncertain: [MessagingAPI.Lease] = []
    ) async throws {
        try await self.recoverWorker(
            .init(worker: self.worker(life: incarnation), journal: journal, uncertain: uncertain.map(\.attempt))
        )
    }

    /// Tells the outcome of one attempt.
    func tell(_ outcome: SendOutcome, of lease: MessagingAPI.Lease) async throws {
        try await self.tell(outcome, of: [lease])
    }

    /// Tells the same outcome of several attempts, in one call.
    func tell(_ outcome: SendOutcome, of leases: [MessagingAPI.Lease]) async throws {
        let events = leases.map { lease in
            AttemptEvent(
                MessagingAPI.AttemptOutcome(
                    orgID: lease.orgID,
                    reference: lease.reference,
                    outcome: outcome,
                    startedAt: .now,
                    endedAt: .now
                ),
                by: self.worker
            )
        }
        try await self.settle(events)
    }

    /// Adds accounts whose time has come to the walk, as `WakeTimers` does, for as long as `body` takes.
    func withTimers<Result: Sendable>(
        of dues: [DueWork] = [],
        _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        let dues = [self.due] + dues
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    for due in dues { _ = due.wake(at: .now) }
                    try? await Task.sleep(for: .milliseconds(1))
                }
            }
            defer { group.cancelAll() }
            return try await body()
        }
    }
}

extension MessagingAPI.Lease {
    /// Names the attempt.
    var attempt: MessagingAPI.AttemptKey { .init(orgID: self.orgID, reference: self.reference) }
    var messageID: MessageID { self.reference.messageID }
}
