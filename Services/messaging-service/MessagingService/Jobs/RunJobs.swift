import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Works through jobs, a few hundred messages in a transaction, so that sending goes on beside them.
///
/// A replica that dies leaves a job where its last transaction ended, and another goes on from there.
struct RunJobs: Service {
    /// How often it is looked for jobs that another replica began and left.
    static let interval: Duration = .seconds(2)

    /// Sees the jobs of every organization, and nothing but their ids.
    let engine: PostgresPool
    let postgres: PostgresPool
    let act: ActOnMessages
    let wake: JobSignal
    /// Names this process among those that work on jobs.
    let replica: String
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        let loop = WorkLoop(wake: self.wake, interval: Self.interval, clock: self.clock, logger: self.logger)
        await loop.run("jobs") { try await self.stepAll() }
    }

    /// Each in turn a step, so that a short job does not wait for a long one.
    ///
    /// - Returns: whether there was something to do.
    func stepAll() async throws -> Bool {
        let jobs = try await self.engine.run { connection in
            try connection.query(
                "SELECT org_id, id FROM jobs WHERE finished_at IS NULL ORDER BY created_at LIMIT 50"
            ).map { (orgID: try $0.get("org_id", as: OrgID.self), id: try $0.get("id", as: ID<Job>.self)) }
        }
        var hasWorked = false
        for job in jobs {
            do {
                if try await self.step(job.id, of: job.orgID) { hasWorked = true }
            } catch {
                guard !((error as? any Unavailability)?.isTemporary ?? false), !(error is CancellationError) else {
                    throw error
                }
                // One that can not go on holds up no other.
                self.logger.error(
                    "job failed",
                    metadata: ["job.id": "\(job.id)", "error": "\(String(reflecting: error))"]
                )
            }
        }
        return hasWorked
    }

    /// Looks at the next messages, changes those that are meant, and notes how far it got.
    ///
    /// The messages change in transactions of their own, before the progress is noted: what is done twice changes nothing the
    /// second time. So counts may name a message twice after a crash in between, and never miss one.
    private func step(_ id: ID<Job>, of orgID: OrgID) async throws -> Bool {
        let found = try await self.postgres.transaction(for: [orgID]) {
            connection -> (Job, [MessageID], [MessageID])? in
            guard let row = try connection.query(JobStore.take(id, of: orgID, by: self.replica)).first else {
                return nil
            }
            let job = try Job(row)
            let meant = MeantMessages(job.filter, for: job.action, of: orgID)
            let window = try connection.query(
                meant.window(after: job.cursor, upTo: job.lastID, limit: JobStore.window)
            ).map { try $0.get("id", as: MessageID.self) }
            return (job, window, try connection.query(meant.meant(among: window)).map { try $0.get("id") })
        }
        guard let (job, window, ids) = found else { return false }
        let effects = try await self.act(
            job.action,
            on: ids.map { MessageKey(orgID: orgID, id: $0) },
            by: job.actor,
            requestID: job.requestID,
            meaning: job.filter
        )
        let changed = effects.count { if case .changed = $0 { true } else { false } }
        // A window that is not full is the last one.
        let cursor = window.count < JobStore.window ? nil : window.last
        return try await self.postgres.transaction(for: [orgID]) { connection in
            try !connection.query(
                JobStore.advance(
                    job,
                    to: cursor,
                    changed: changed,
                    refused: effects.count - changed,
                    by: self.replica
                )
            ).isEmpty
        }
    }
}
