import Postgres
import Shared

/// A webhook as it came, for one account.
struct RawRequest: Sendable {
    let orgID: OrgID
    let id: ID<InboxRequest>
    let accountID: AccountID
    let provider: ProviderKind
    let url: String
    /// A JSON object of those headers that a verification reads.
    let headers: String
    let body: [UInt8]
}

/// The statements on `inbox_requests`, and on the list of organizations that have an inbox.
enum InboxRequestStore {
    /// Stores requests of any organizations; the scope must hold all of them.
    static func insert(_ requests: [RawRequest], on connection: isolated PostgresConnection) throws {
        try connection.pipeline(
            requests.map { request in
                """
                INSERT INTO inbox_requests (org_id, id, account_id, provider, url, headers, body)
                VALUES (\(request.orgID), \(request.id), \(request.accountID), \(request.provider.rawValue)::provider_kind,
                        \(request.url), \(request.headers)::jsonb, \(ByteArray(bytes: request.body)))
                """
            }
        )
    }

    /// Adds an organization to those whose inbox is swept: it may have no account with webhooks.
    static func know(_ orgID: OrgID, on connection: isolated PostgresConnection) throws {
        try connection.query("INSERT INTO inbox_orgs (org_id) VALUES (\(orgID)) ON CONFLICT DO NOTHING")
    }

    /// The next organizations that ever had a webhook account, in the order of their ids; outside row-level security.
    static func orgs(
        after orgID: OrgID?,
        atMost limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [OrgID] {
        let rows = try connection.query(
            """
            SELECT org_id FROM inbox_orgs
             WHERE \(orgID)::uuid IS NULL OR org_id > \(orgID)
             ORDER BY org_id
             LIMIT \(limit)
            """
        )
        return try rows.map { try $0.get("org_id") }
    }

    /// Deletes at most 1,000 requests of each organization that came before `time`.
    ///
    /// - Returns: how many were deleted of each, in the order of `orgs`.
    static func deleteOld(
        of orgs: [OrgID],
        before time: Timestamp,
        on connection: isolated PostgresConnection
    ) throws -> [Int] {
        try connection.pipeline(
            orgs.map { orgID in
                """
                WITH old AS (
                    SELECT id FROM inbox_requests
                     WHERE org_id = \(orgID) AND received_at < \(time)
                     ORDER BY received_at
                     LIMIT 1000
                )
                DELETE FROM inbox_requests AS r USING old WHERE r.org_id = \(orgID) AND r.id = old.id
                RETURNING 1 AS one
                """
            }
        ).map(\.count)
    }
}
