import Postgres
import Shared

/// The time by which an organization's requests are judged: ours, or that of a sandbox whose clock was moved forward.
struct OrgNow: Sendable {
    let postgres: PostgresPool

    /// Only what is sent for a test can be of a sandbox organization; nobody else pays for the question.
    func callAsFunction(for acting: Acting) async throws -> Timestamp {
        guard acting.mode == .test else { return .now }
        let rows = try await self.postgres.transaction(for: [acting.orgID]) { connection in
            try connection.query(OrgClocks.read([acting.orgID]))
        }
        return .now + (try OrgClocks(rows).offset(of: acting.orgID))
    }
}
