import Postgres
import Shared

/// The statements on `api_keys`, for one organization.
struct KeyStore: Sendable {
    let orgID: OrgID

    /// `replaced` is the key in whose place this one comes, if it comes in any.
    func insert(
        _ key: NewKey,
        id: APIKeyID,
        mac: [UInt8],
        replacing replaced: APIKeyID? = nil,
        on connection: isolated PostgresConnection
    ) throws -> KeyResource {
        try connection.query("INSERT INTO key_directory (key_id, org_id) VALUES (\(id), \(self.orgID))")
        let rows = try connection.query(
            """
            INSERT INTO api_keys (org_id, id, name, scopes, mode, secret_mac, expires_at, rate_per_second, rate_burst, replaces)
            VALUES (\(self.orgID), \(id), \(key.name), \(key.scopes.names)::text[], \(key.mode.rawValue)::key_mode,
                    \(ByteArray(bytes: mac))::bytea, \(key.expiresAt)::timestamptz, \(key.rateLimit?.perSecond)::int,
                    \(key.rateLimit?.burst)::int, \(replaced)::uuid)
            RETURNING org_id, id, name, scopes, mode, rate_per_second, rate_burst, replaces, expires_at, revoked_at,
                      last_used_at, created_at
            """
        )
        guard let row = rows.first else { throw Problem.internal }
        return try KeyResource(row)
    }

    /// The oldest first; revoked ones too.
    func list(after: APIKeyID?, limit: Int, on connection: isolated PostgresConnection) throws -> [KeyResource] {
        try connection.query(
            """
            SELECT org_id, id, name, scopes, mode, rate_per_second, rate_burst, replaces, expires_at, revoked_at,
                   last_used_at, created_at
              FROM api_keys
             WHERE org_id = \(self.orgID) AND (\(after)::uuid IS NULL OR id > \(after))
             ORDER BY id LIMIT \(limit)::int
            """
        ).map { try KeyResource($0) }
    }

    func show(_ id: APIKeyID, on connection: isolated PostgresConnection) throws -> KeyResource? {
        try connection.query(
            """
            SELECT org_id, id, name, scopes, mode, rate_per_second, rate_burst, replaces, expires_at, revoked_at,
                   last_used_at, created_at
              FROM api_keys WHERE org_id = \(self.orgID) AND id = \(id)
            """
        ).first.map { try KeyResource($0) }
    }

    /// - Returns: whether there is such a key, and whether this call revoked it.
    func revoke(_ id: APIKeyID, on connection: isolated PostgresConnection) throws -> Revocation {
        let revoked = try connection.query(
            """
            UPDATE api_keys SET revoked_at = now()
             WHERE org_id = \(self.orgID) AND id = \(id) AND revoked_at IS NULL
            RETURNING id
            """
        )
        guard revoked.isEmpty else { return .revoked }
        let found = try connection.query("SELECT 1 FROM api_keys WHERE org_id = \(self.orgID) AND id = \(id)")
        return found.isEmpty ? .unknown : .before
    }

    enum Revocation: Sendable {
        case revoked, before, unknown
    }

    func find(_ id: APIKeyID, on connection: isolated PostgresConnection) throws -> KeyRecord? {
        try connection.query(
            """
            SELECT k.id, k.org_id, k.scopes, k.mode, k.secret_mac, k.expires_at, k.revoked_at, o.suspended, o.sandbox,
                   o.settings ->> 'default_region' AS default_region,
                   o.settings ->> 'schedule_lead_minutes' AS schedule_lead_minutes, k.rate_per_second AS key_rate_per_second,
                   k.rate_burst AS key_rate_burst, o.rate_per_second, o.rate_burst
              FROM api_keys k JOIN orgs o ON o.org_id = k.org_id
             WHERE k.org_id = \(self.orgID) AND o.org_id = \(self.orgID) AND k.id = \(id)
            """
        ).first.map { try KeyRecord($0) }
    }

    /// Which organization a key belongs to; nil for an id that no key has.
    static func owner(of id: APIKeyID, on connection: isolated PostgresConnection) throws -> OrgID? {
        try connection.query("SELECT org_id FROM key_directory WHERE key_id = \(id)").first?.get("org_id")
    }

    /// Notes when keys were last used; a time before the noted one changes nothing.
    static func use(_ uses: [KeyUses.Use], on connection: isolated PostgresConnection) throws {
        try connection.query(
            """
            UPDATE api_keys k SET last_used_at = u.at
              FROM unnest(\(uses.map(\.orgID))::uuid[], \(uses.map(\.id))::uuid[], \(uses.map(\.at))::timestamptz[])
                   AS u (org_id, id, at)
             WHERE k.org_id = u.org_id AND k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)
            """
        )
    }
}
