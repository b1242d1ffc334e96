import Postgres
import Shared

/// Begins an act on all messages that a filter means.
struct StartJob: Sendable {
    let postgres: PostgresPool
    let wake: JobSignal

    /// - Throws: `Problem` `nothing-matches` (422).
    func callAsFunction(
        _ action: JobAction,
        _ filter: BulkFilter,
        for acting: Acting,
        requestID: String
    ) async throws -> Job {
        let meant = MeantMessages(filter, for: action, of: acting.orgID)
        let job = try await self.postgres.transaction(for: [acting.orgID]) { connection -> Job in
            // To count a million takes seconds.
            try connection.execute(script: "SET LOCAL statement_timeout = '15s'")
            let row = try connection.query(meant.count).first
            guard let lastID: MessageID = try row?.getIfPresent("last_id") else { throw Problem.nothingMatches(action) }
            let job = Job(
                orgID: acting.orgID,
                id: .new(),
                action: action,
                filter: filter,
                actor: acting.actor,
                requestID: requestID,
                lastID: lastID,
                total: try row?.get("count") ?? 0
            )
            let results = try connection.pipeline([JobStore.insert(job), JobStore.find(job.id, of: job.orgID)])
            guard let stored = results[1].first else { throw Problem.internal }
            return try Job(stored)
        }
        self.wake.send()
        return job
    }
}

extension Problem {
    fileprivate static func nothingMatches(_ action: JobAction) -> Problem {
        let statuses = action.statuses.map(\.rawValue).joined(separator: ", ")
        return Problem(
            code: "nothing-matches",
            status: 422,
            title: "The filter matches no message.",
            detail: "A message can be meant by \(action.rawValue) while it is one of \(statuses)."
        )
    }
}
