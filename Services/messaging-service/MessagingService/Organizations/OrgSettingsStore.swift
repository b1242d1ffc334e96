import InternalAPI
import Postgres
import Shared

/// The statements on the table `org_settings`, which has a row for each organization that differs from a new one.
enum OrgSettingsStore {
    /// Takes over what was pushed, unless something newer is there already.
    static func put(_ orgs: [OrgSettingsRequest.Org]) -> SQL {
        let settings = orgs.map { OrgSettings(stored: $0.settings) }
        return """
            INSERT INTO org_settings AS s (org_id, version, sandbox, retry_delays, retention_days, retention_action,
                keyword_replies, sms_verified, rules, batch_size, interval_ms)
            SELECT org_id, version, sandbox, retry_delays::int[], retention_days, retention_action, keyword_replies::json,
                   sms_verified, rules::json, batch_size, interval_ms
              FROM unnest(
                \(orgs.map(\.orgID))::uuid[], \(orgs.map(\.version))::bigint[], \(orgs.map(\.isSandbox))::boolean[],
                \(settings.map { $0.retryPolicy?.milliseconds.postgresText })::text[],
                \(settings.map(\.retentionDays))::int[], \(settings.map(\.retentionAction.rawValue))::text[],
                \(settings.map(\.keywordRepliesJSON))::text[], \(orgs.map(\.isSMSVerified))::boolean[],
                \(settings.map(\.sendingRules.stored))::text[], \(settings.map { $0.broadcastPace?.batchSize })::int[],
                \(settings.map { ($0.broadcastPace?.interval.milliseconds).map { Int($0) } })::bigint[]
              ) AS r (org_id, version, sandbox, retry_delays, retention_days, retention_action, keyword_replies,
                      sms_verified, rules, batch_size, interval_ms)
             ORDER BY org_id
            ON CONFLICT (org_id) DO UPDATE SET
                version = EXCLUDED.version, sandbox = EXCLUDED.sandbox, retry_delays = EXCLUDED.retry_delays,
                retention_days = EXCLUDED.retention_days, retention_action = EXCLUDED.retention_action,
                keyword_replies = EXCLUDED.keyword_replies, sms_verified = EXCLUDED.sms_verified, rules = EXCLUDED.rules,
                batch_size = EXCLUDED.batch_size, interval_ms = EXCLUDED.interval_ms
             WHERE s.version < EXCLUDED.version
            """
    }

    /// How fast an organization's broadcasts go that do not say it; nil for as fast as can be.
    static func pace(of orgID: OrgID, on connection: isolated PostgresConnection) throws -> BroadcastPace? {
        let row = try connection.query(
            "SELECT batch_size, interval_ms FROM org_settings WHERE org_id = \(orgID) AND batch_size IS NOT NULL"
        ).first
        return try row.map {
            BroadcastPace(
                batchSize: try $0.get("batch_size"),
                interval: .milliseconds(try $0.get("interval_ms", as: Int.self))
            )
        }
    }

    static func isSandbox(_ orgID: OrgID, on connection: isolated PostgresConnection) throws(PostgresError) -> Bool {
        try !connection.query("SELECT 1 FROM org_settings WHERE org_id = \(orgID) AND sandbox").isEmpty
    }

    /// Pauses an organization's queue, or continues it.
    static func setPause(of orgID: OrgID, by actor: String?) -> SQL {
        """
        INSERT INTO org_settings AS s (org_id, paused_at, paused_by)
        VALUES (\(orgID), CASE WHEN \(actor)::text IS NOT NULL THEN clock_timestamp() END, \(actor))
        ON CONFLICT (org_id) DO UPDATE SET
            paused_at = CASE WHEN EXCLUDED.paused_at IS NULL THEN NULL ELSE coalesce(s.paused_at, EXCLUDED.paused_at) END,
            paused_by = CASE WHEN EXCLUDED.paused_at IS NULL THEN NULL ELSE coalesce(s.paused_by, EXCLUDED.paused_by) END
        """
    }
}

extension OrgSettings {
    /// Nil where all are the ordinary ones.
    fileprivate var keywordRepliesJSON: String? {
        guard !self.keywordReplies.isEmpty else { return nil }
        let words = self.keywordReplies.sorted { $0.key.rawValue < $1.key.rawValue }
        return JSONValue.object(members: words.map { ($0.key.rawValue, .string($0.value)) }).text
    }
}
