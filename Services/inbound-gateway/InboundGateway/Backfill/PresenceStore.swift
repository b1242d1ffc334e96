import Postgres
import Shared

/// The statements on the table `inbox_presence`, and which accounts can be asked for their past.
enum PresenceStore {
    /// A gap between two beats that is longer than this was an absence.
    private static let longestGap: Duration = .seconds(60)
    /// How much earlier than the last beat is asked for: clocks differ, and a webhook may have been under way.
    private static let overlap: Duration = .seconds(60)

    /// Notes that a gateway is there; after an absence also since when none was.
    static func beat(on connection: isolated PostgresConnection) throws(PostgresError) {
        try connection.query(
            """
            INSERT INTO inbox_presence AS p (seen_at) VALUES (now())
            ON CONFLICT (is_only) DO UPDATE
               SET seen_at = now(),
                   behind_since = CASE
                       WHEN p.seen_at < now() - \(Self.longestGap.milliseconds) * interval '1 millisecond'
                       THEN least(p.behind_since, p.seen_at - \(Self.overlap.milliseconds) * interval '1 millisecond')
                       ELSE p.behind_since
                   END
            """
        )
    }

    /// Since when messages may be missing; nil when none are.
    static func behindSince(on connection: isolated PostgresConnection) throws(PostgresError) -> Timestamp? {
        try Self.beat(on: connection)
        return try connection.query("SELECT behind_since FROM inbox_presence").first?.getIfPresent("behind_since")
    }

    /// Unless another absence was noted meanwhile.
    static func noteCaughtUp(_ since: Timestamp, on connection: isolated PostgresConnection) throws(PostgresError) {
        try connection.query("UPDATE inbox_presence SET behind_since = NULL WHERE behind_since = \(since)")
    }

    static func accounts(
        of orgs: [OrgID],
        provider: ProviderKind,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [AccountID] {
        try connection.query(
            """
            SELECT account_id FROM webhook_accounts
             WHERE org_id = ANY (\(orgs)::uuid[]) AND provider = \(provider.rawValue)::provider_kind
             ORDER BY org_id, account_id
            """
        ).map { row throws(PostgresError) in try row.get("account_id") }
    }
}
