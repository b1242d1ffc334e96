import InternalAPI
import Postgres
import Shared

/// Reports whose message was not known when they came.
extension ProviderEventStore {
    /// Those that speak of attempts whose provider's ids `events` bring, in the order in which they came.
    static func waiting(for events: [AttemptEvent]) -> SQL {
        """
        SELECT e.org_id, e.account_id, e.event_key, e.report, r.message_id, r.number
          FROM unnest(
            \(events.map(\.orgID))::uuid[], \(events.map(\.reference.messageID))::uuid[],
            \(events.map(\.reference.number))::int[], \(events.map(\.event.providerMessageID))::text[]
          ) AS r (org_id, message_id, number, provider_message_id)
          JOIN messages m ON m.org_id = r.org_id AND m.id = r.message_id
          JOIN provider_events e ON e.org_id = m.org_id AND e.account_id = m.account_id
           AND e.provider_message_id = r.provider_message_id AND e.effect = 'unmatched'
         ORDER BY e.received_at, e.event_key
        """
    }

    /// The names of those that came within `span`, the oldest first; to be asked as the engine's role.
    static func waiting(for span: Duration, after last: WaitingReport?, atMost limit: Int) -> SQL {
        let since: SQL = "now() - \(Int(span.milliseconds))::bigint * interval '1 millisecond'"
        let rest: SQL =
            if let last {
                """
                (received_at, org_id, account_id, event_key)
                    > (\(last.receivedAt), \(last.key.orgID), \(last.key.accountID), \(last.key.key))
                """
            } else {
                "received_at > \(since)"
            }
        return """
            SELECT org_id, account_id, event_key, received_at FROM provider_events
             WHERE effect = 'unmatched' AND \(rest)
             ORDER BY received_at, org_id, account_id, event_key LIMIT \(limit)::int
            """
    }

    /// Those of `keys` that are unmatched and whose provider's id is an attempt's by now, the latest of several.
    ///
    /// The effect is compared as a text, here and in `update`, so that they are found by their keys: in the small index of what
    /// is unmatched each was compared with all of the account's.
    static func matches(of keys: [EventKey]) -> SQL {
        """
        SELECT * FROM (
            SELECT DISTINCT ON (e.org_id, e.account_id, e.event_key)
                   e.org_id, e.account_id, e.event_key, e.report, e.received_at, a.message_id, a.number
              FROM unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.accountID))::uuid[], \(keys.map(\.key))::text[])
                AS k (org_id, account_id, event_key)
              JOIN provider_events e USING (org_id, account_id, event_key)
              JOIN attempts a ON a.org_id = e.org_id AND a.account_id = e.account_id
                             AND a.provider_message_id = e.provider_message_id
             WHERE e.effect::text = 'unmatched'
             ORDER BY e.org_id, e.account_id, e.event_key, a.message_id DESC, a.number DESC) AS found
         ORDER BY received_at, event_key
        """
    }

    /// Notes what became of them after all.
    static func update(_ reports: [(report: MatchedReport, stored: StoredEffect)]) -> SQL {
        """
        UPDATE provider_events e SET
            effect = r.effect, effect_detail = r.detail, message_id = r.message_id, attempt = r.attempt
          FROM unnest(
            \(reports.map(\.report.key.orgID))::uuid[], \(reports.map(\.report.key.accountID))::uuid[],
            \(reports.map(\.report.key.key))::text[], \(reports.map(\.stored.effect))::report_effect[],
            \(reports.map(\.stored.detail))::text[], \(reports.map(\.report.reference.messageID))::uuid[],
            \(reports.map(\.report.reference.number))::int[]
          ) AS r (org_id, account_id, event_key, effect, detail, message_id, attempt)
         WHERE e.org_id = r.org_id AND e.account_id = r.account_id AND e.event_key = r.event_key
           AND e.effect::text = 'unmatched'
        """
    }
}
