import AuditTrail
import HTTPService
import Postgres
import Shared

/// Ends a key: refused here at once, and by every other gateway within a second.
struct RevokeKey: Sendable {
    let postgres: PostgresPool
    let keys: KeyDirectory

    /// Revoking a revoked key changes nothing.
    ///
    /// - Throws: `Problem.notFound` for an id that no key of the organization has; `precondition-failed`.
    func callAsFunction(
        _ id: APIKeyID,
        if condition: Precondition,
        for acting: Acting,
        requestID: String
    ) async throws {
        let store = KeyStore(orgID: acting.orgID)
        let audit = AuditRecord(
            .deleted,
            .apiKey,
            id,
            of: acting.orgID,
            by: acting.actor,
            requestID: requestID
        )
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            guard let key = try store.lock(id, on: connection) else { throw Problem.notFound }
            try condition.check(key.resource.versioned)
            switch try store.revoke(id, on: connection) {
            case .revoked: try connection.query(AuditStore.insert(audit))
            case .before: break
            case .unknown: throw Problem.notFound
            }
        }
        self.keys.forget(id)
    }
}
