import AuditTrail
import HTTPService
import Postgres
import Shared

/// Deletes a channel account, by which nothing is to be sent any more; what was sent by it keeps its history.
struct DeleteAccount: Sendable {
    let postgres: PostgresPool

    /// - Throws: `Problem` `not-found`, `precondition-failed`, `account-in-use`.
    func callAsFunction(
        _ id: AccountID,
        if condition: Precondition = .none,
        for acting: Acting,
        requestID: String
    ) async throws {
        let orgID = acting.orgID
        let act = Act(.delete, by: acting.actor, requestID: requestID)
        try await self.postgres.transaction(for: [orgID]) { connection in
            // Who adds a message asks for the account, and waits for this lock.
            let rows = try connection.query(
                """
                SELECT id FROM channel_accounts
                 WHERE org_id = \(orgID) AND id = \(id) AND deleted_at IS NULL FOR UPDATE
                """
            )
            guard !rows.isEmpty else { throw Problem.notFound }
            try condition.check(try AccountStore.find(id, of: orgID, on: connection)?.json ?? .null)
            guard try !AccountStore.isInUse(id, of: orgID, on: connection) else { throw Problem.accountInUse }
            try AccountStore.delete(id, of: orgID, on: connection)
            try connection.query(AuditStore.insert([AuditRecord(act, on: .channelAccount, id.uuid, of: orgID)]))
        }
    }
}

extension Problem {
    fileprivate static let accountInUse = Problem(
        code: "account-in-use",
        status: 409,
        title: "Messages or broadcasts are still to be sent by this account.",
        detail: "Cancel them, or wait until they have ended; a parked account sends nothing meanwhile."
    )
}
