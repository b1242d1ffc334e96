import Postgres
import Shared

/// The statements of a key's rotation and change.
extension KeyStore {
    /// Locks a key until the transaction ends.
    func lock(_ id: APIKeyID, on connection: isolated PostgresConnection) throws -> LockedKey? {
        try connection.query(
            """
            SELECT org_id, id, name, scopes, mode, rate_per_second, rate_burst, replaces, expires_at, revoked_at,
                   last_used_at, created_at
              FROM api_keys
             WHERE org_id = \(self.orgID) AND id = \(id) FOR UPDATE
            """
        ).first.map { try LockedKey($0) }
    }

    /// Whether a key has not ended at `now`, neither by its time nor by being revoked.
    func isLive(_ id: APIKeyID, at now: Timestamp, on connection: isolated PostgresConnection) throws -> Bool {
        try !connection.query(
            """
            SELECT 1 FROM api_keys
             WHERE org_id = \(self.orgID) AND id = \(id) AND revoked_at IS NULL
               AND (expires_at IS NULL OR expires_at > \(now))
            """
        ).isEmpty
    }

    /// The key that was made in this one's place, and has not ended at `now`.
    func liveSuccessor(
        of id: APIKeyID,
        at now: Timestamp,
        on connection: isolated PostgresConnection
    ) throws -> APIKeyID? {
        try connection.query(
            """
            SELECT id FROM api_keys
             WHERE org_id = \(self.orgID) AND replaces = \(id) AND revoked_at IS NULL
               AND (expires_at IS NULL OR expires_at > \(now))
             LIMIT 1
            """
        ).first?.get("id")
    }

    /// Lets a key, which `lock` has locked, end at `end`, unless it ends earlier.
    func end(_ id: APIKeyID, at end: Timestamp, on connection: isolated PostgresConnection) throws {
        try connection.query(
            """
            UPDATE api_keys SET expires_at = least(expires_at, \(end)) WHERE org_id = \(self.orgID) AND id = \(id)
            """
        )
    }

    /// Changes a key, which `lock` has locked.
    func update(
        _ id: APIKeyID,
        name: String,
        rateLimit: RateLimit?,
        on connection: isolated PostgresConnection
    ) throws -> KeyResource {
        let rows = try connection.query(
            """
            UPDATE api_keys SET name = \(name), rate_per_second = \(rateLimit?.perSecond)::int,
                                rate_burst = \(rateLimit?.burst)::int
             WHERE org_id = \(self.orgID) AND id = \(id)
            RETURNING org_id, id, name, scopes, mode, rate_per_second, rate_burst, replaces, expires_at, revoked_at,
                      last_used_at, created_at
            """
        )
        guard let row = rows.first else { throw Problem.notFound }
        return try KeyResource(row)
    }
}

/// A key's row under a lock.
struct LockedKey: Sendable {
    let resource: KeyResource
    let name: String
    let scopes: Scopes
    let mode: KeyMode
    let rateLimit: RateLimit?
    let replaces: APIKeyID?
    let expiresAt: Timestamp?
    let isRevoked: Bool

    init(_ row: Row) throws(PostgresError) {
        self.resource = try KeyResource(row)
        self.name = try row.get("name")
        let scopes: [String] = try row.get("scopes")
        self.scopes = Scopes(scopes.compactMap(Scope.init(rawValue:)))
        self.mode = try row.keyMode
        self.rateLimit = try RateLimit(row)
        self.replaces = try row.getIfPresent("replaces")
        self.expiresAt = try row.getIfPresent("expires_at")
        self.isRevoked = try row.getIfPresent("revoked_at", as: Timestamp.self) != nil
    }
}
