import InternalAPI
import Postgres
import Shared

/// A service that is told of organizations.
enum OrgPushReceiver: Sendable, CaseIterable {
    case messaging, conversations

    var service: ServiceName {
        switch self {
        case .messaging: .messagingService
        case .conversations: .conversationService
        }
    }

    /// The column of what it was told.
    fileprivate var column: SQL {
        switch self {
        case .messaging: "pushed"
        case .conversations: "pushed_to_conversations"
        }
    }
}

/// The statements on `org_pushes`, which holds ids and numbers only, and lies outside row-level security.
enum OrgPushStore {
    /// Notes, in the transaction that writes an organization, which version the services are to be told of.
    static func note(_ version: Int, of orgID: OrgID, on connection: isolated PostgresConnection) throws {
        try connection.query(
            """
            INSERT INTO org_pushes (org_id, version) VALUES (\(orgID), \(version)::bigint)
            ON CONFLICT (org_id) DO UPDATE SET version = excluded.version
            """
        )
    }

    /// Organizations of which `receiver` has not been told everything, in the order of their ids.
    static func unpushed(
        to receiver: OrgPushReceiver,
        after: OrgID?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [OrgID] {
        try connection.query(
            """
            SELECT org_id FROM org_pushes
             WHERE \(receiver.column) < version AND (\(after)::uuid IS NULL OR org_id > \(after))
             ORDER BY org_id LIMIT \(limit)::int
            """
        ).map { try $0.get("org_id") }
    }

    /// What there is to tell of the organizations among `ids`, which the transaction must have in its scope.
    ///
    /// Version and settings stand in one row, so that they belong together whoever changes them meanwhile.
    static func states(of ids: [OrgID], on connection: isolated PostgresConnection) throws -> [OrgSettingsRequest.Org] {
        try connection.query(
            """
            SELECT org_id, settings_version, sandbox, sms_verified, settings FROM orgs
             WHERE org_id = ANY (\(ids)::uuid[]) ORDER BY org_id
            """
        ).map { row in
            let settings: String = try row.get("settings")
            return OrgSettingsRequest.Org(
                orgID: try row.get("org_id"),
                version: try row.get("settings_version"),
                isSandbox: try row.get("sandbox"),
                isSMSVerified: try row.get("sms_verified"),
                settings: try JSONValue(parsing: Array(settings.utf8)).object ?? [:]
            )
        }
    }

    /// Notes what `receiver` was told; a version before the noted one changes nothing.
    static func confirm(
        _ orgs: [OrgSettingsRequest.Org],
        to receiver: OrgPushReceiver,
        on connection: isolated PostgresConnection
    ) throws {
        try connection.query(
            """
            UPDATE org_pushes p SET \(receiver.column) = u.version
              FROM unnest(\(orgs.map(\.orgID))::uuid[], \(orgs.map(\.version))::bigint[]) AS u (org_id, version)
             WHERE p.org_id = u.org_id AND p.\(receiver.column) < u.version
            """
        )
    }
}
