import AuditTrail
import HTTPService
import Postgres
import Shared

/// Changes a key; its limit holds here at once, and in every other gateway within a second.
struct UpdateKey: Sendable {
    let postgres: PostgresPool
    let keys: KeyDirectory

    /// - Throws: `Problem.notFound`, `precondition-failed`, and `key-exceeds-maker` for a limit that its maker does not have.
    func callAsFunction(
        _ change: KeyChange,
        of id: APIKeyID,
        if condition: Precondition,
        by maker: Tenancy,
        requestID: String
    ) async throws -> KeyResource {
        let store = KeyStore(orgID: maker.orgID)
        let resource = try await self.postgres.transaction(for: [maker.orgID]) { connection in
            guard let key = try store.lock(id, on: connection) else { throw Problem.notFound }
            try condition.check(key.resource.versioned)
            let limit = change.rateLimit.applied(to: key.rateLimit)
            if change.rateLimit != .keep { try NewKey.check(limit, within: maker) }
            let differences = change.differences(from: key)
            guard !differences.isEmpty else { return key.resource }
            let audit = AuditRecord(
                .updated,
                .apiKey,
                id,
                of: maker.orgID,
                by: maker.actor,
                requestID: requestID,
                differences
            )
            try connection.query(AuditStore.insert(audit))
            return try store.update(id, name: change.name ?? key.name, rateLimit: limit, on: connection)
        }
        self.keys.forget(id)
        return resource
    }
}
