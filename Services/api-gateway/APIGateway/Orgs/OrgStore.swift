import Postgres
import Shared

/// The statements on `orgs`, for one organization.
struct OrgStore: Sendable {
    let orgID: OrgID

    /// - Throws: `uniqueViolation` of `slug_taken`.
    func insert(_ org: NewOrg, slug: Slug, on connection: isolated PostgresConnection) throws -> OrgResource {
        try connection.query("INSERT INTO org_directory (org_id) VALUES (\(self.orgID))")
        try connection.query("INSERT INTO slug_directory (slug, org_id) VALUES (\(slug.text), \(self.orgID))")
        let rows = try connection.query(
            """
            INSERT INTO orgs (org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst)
            VALUES (\(self.orgID), \(org.name), \(slug.text), \(org.isSMSVerified), false, \(org.isSandbox),
                    \(JSONValue.object(org.settings).text)::json, \(org.rateLimit?.perSecond)::int,
                    \(org.rateLimit?.burst)::int)
            RETURNING org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst,
                      created_at, updated_at, settings_version
            """
        )
        guard let row = rows.first else { throw Problem.internal }
        try OrgPushStore.note(try row.get("settings_version"), of: self.orgID, on: connection)
        return try OrgResource(row)
    }

    func find(on connection: isolated PostgresConnection) throws -> OrgResource? {
        try connection.query(
            """
            SELECT org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst,
                   created_at, updated_at
              FROM orgs
             WHERE org_id = \(self.orgID)
            """
        ).first.map { try OrgResource($0) }
    }

    /// Locks the row until the transaction ends.
    func lock(on connection: isolated PostgresConnection) throws -> OrgResource? {
        try connection.query(
            """
            SELECT org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst,
                   created_at, updated_at
              FROM orgs
             WHERE org_id = \(self.orgID) FOR UPDATE
            """
        ).first.map { try OrgResource($0) }
    }

    /// Changes the row, which `lock` has locked.
    func update(_ org: ChangedOrg, on connection: isolated PostgresConnection) throws -> OrgResource {
        let rows = try connection.query(
            """
            UPDATE orgs SET name = \(org.name), sms_verified = \(org.isSMSVerified), suspended = \(org.isSuspended),
                            settings = \(JSONValue.object(org.settings).text)::json,
                            rate_per_second = \(org.rateLimit?.perSecond)::int, rate_burst = \(org.rateLimit?.burst)::int,
                            updated_at = now(), settings_version = settings_version + 1
             WHERE org_id = \(self.orgID)
            RETURNING org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst,
                      created_at, updated_at, settings_version
            """
        )
        guard let row = rows.first else { throw Problem.notFound }
        try OrgPushStore.note(try row.get("settings_version"), of: self.orgID, on: connection)
        return try OrgResource(row)
    }

    func state(on connection: isolated PostgresConnection) throws -> OrgState? {
        try connection.query(
            """
            SELECT suspended, sandbox, settings ->> 'default_region' AS default_region,
                   settings ->> 'schedule_lead_minutes' AS schedule_lead_minutes, rate_per_second, rate_burst
              FROM orgs
             WHERE org_id = \(self.orgID)
            """
        ).first.map { try OrgState($0) }
    }

    /// The ids of a page of all organizations, the oldest first.
    static func ids(after: OrgID?, limit: Int, on connection: isolated PostgresConnection) throws -> [OrgID] {
        try connection.query(
            """
            SELECT org_id FROM org_directory WHERE \(after)::uuid IS NULL OR org_id > \(after)
             ORDER BY org_id LIMIT \(limit)::int
            """
        ).map { try $0.get("org_id") }
    }

    /// The organizations among `ids`, which the transaction must have in its scope.
    static func list(_ ids: [OrgID], on connection: isolated PostgresConnection) throws -> [OrgResource] {
        try connection.query(
            """
            SELECT org_id, name, slug, sms_verified, suspended, sandbox, settings, rate_per_second, rate_burst,
                   created_at, updated_at
              FROM orgs
             WHERE org_id = ANY (\(ids)::uuid[]) ORDER BY org_id
            """
        ).map { try OrgResource($0) }
    }
}
