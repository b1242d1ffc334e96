import Foundation
import InternalAPI
import Postgres
import Shared

/// The statements on the table `provider_events`.
enum ProviderEventStore {
    struct NewEvent: Sendable {
        let report: MessagingAPI.AccountReport
        let reference: AttemptReference?
        let stored: StoredEffect
        let json: String

        init(
            _ report: MessagingAPI.AccountReport,
            reference: AttemptReference?,
            _ stored: StoredEffect,
            about message: StoredMessage? = nil
        ) {
            let report = message.map { $0.isErased ? report.erased(on: $0.channel) : report } ?? report
            self.report = report
            self.reference = stored.effect == .unmatched ? nil : reference
            self.stored = stored
            let encoded = (try? JSONEncoder().encode(report.report)) ?? Data("{}".utf8)
            self.json = String(decoding: encoded, as: UTF8.self)
        }
    }

    /// Finds which attempt each report speaks of: the one it echoes, if this account made it, or the one that was
    /// given the provider's id.
    ///
    /// A report is only believed about messages of its own account, and about attempts that were made: whoever knows the
    /// account's secret can sign any number.
    static func references(
        of reports: [MessagingAPI.AccountReport],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [AttemptReference?] {
        let rows = try connection.query(
            """
            SELECT r.position, coalesce(m.id, a.message_id) AS message_id, coalesce(echo.number, a.number) AS number
              FROM unnest(
                \(reports.map(\.orgID))::uuid[], \(reports.map(\.accountID))::uuid[],
                \(reports.map { $0.report.reference?.messageID })::uuid[],
                \(reports.map { $0.report.reference?.number })::int[],
                \(reports.map(\.report.providerMessageID))::text[]
              ) WITH ORDINALITY AS r (org_id, account_id, message_id, number, provider_message_id, position)
              LEFT JOIN outbox o ON o.org_id = r.org_id AND o.message_id = r.message_id
              LEFT JOIN messages m ON m.org_id = r.org_id AND m.id = r.message_id AND m.account_id = r.account_id
                    AND r.number BETWEEN 1 AND greatest(m.last_attempt, o.epoch)
              LEFT JOIN LATERAL (SELECT r.number WHERE m.id IS NOT NULL) AS echo ON true
              LEFT JOIN attempts a ON m.id IS NULL AND a.org_id = r.org_id AND a.account_id = r.account_id
                    AND a.provider_message_id = r.provider_message_id
            """
        )
        var references = [AttemptReference?](repeating: nil, count: reports.count)
        for row in rows {
            guard let messageID: MessageID = try row.getIfPresent("message_id") else { continue }
            let position: Int = try row.get("position")
            references[position - 1] = AttemptReference(messageID: messageID, number: try row.get("number"))
        }
        return references
    }

    /// What the reports that are already stored came to.
    ///
    /// A left join, so that no plan can begin with the table: kept from when that was empty, it compared each of 25,220 rows with
    /// each of 560 reports.
    static func effects(
        of reports: [MessagingAPI.AccountReport],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [EventKey: MessagingAPI.ReportEffect] {
        let rows = try connection.query(
            """
            SELECT r.org_id, r.account_id, r.event_key, e.effect
              FROM unnest(
                \(reports.map(\.orgID))::uuid[], \(reports.map(\.accountID))::uuid[],
                \(reports.map(\.report.eventKey))::text[]
              ) AS r (org_id, account_id, event_key)
              LEFT JOIN provider_events e
                ON e.org_id = r.org_id AND e.account_id = r.account_id AND e.event_key = r.event_key
            """
        )
        var effects: [EventKey: MessagingAPI.ReportEffect] = [:]
        for row in rows {
            let key = EventKey(
                orgID: try row.get("org_id"),
                accountID: try row.get("account_id"),
                key: try row.get("event_key")
            )
            effects[key] = try row.getIfPresent("effect", as: MessagingAPI.ReportEffect.self)
        }
        return effects
    }

    static func insert(
        _ events: [NewEvent],
        clock: OrgClocks,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        guard !events.isEmpty else { return }
        try connection.query(
            """
            INSERT INTO provider_events (org_id, account_id, event_key, message_id, attempt, provider_message_id, report,
                effect, effect_detail, occurred_at, received_at)
            SELECT org_id, account_id, event_key, message_id, attempt, provider_message_id, report::json, effect,
                   effect_detail, occurred_at, received_at
              FROM unnest(
                \(events.map(\.report.orgID))::uuid[], \(events.map(\.report.accountID))::uuid[],
                \(events.map(\.report.report.eventKey))::text[], \(events.map(\.reference?.messageID))::uuid[],
                \(events.map(\.reference?.number))::int[], \(events.map(\.report.report.providerMessageID))::text[],
                \(events.map(\.json))::text[], \(events.map(\.stored.effect))::report_effect[],
                \(events.map(\.stored.detail))::text[], \(events.map(\.report.report.occurredAt))::timestamptz[],
                \(events.map { clock.now(of: $0.report.orgID) })::timestamptz[]
              ) AS r (org_id, account_id, event_key, message_id, attempt, provider_message_id, report, effect,
                      effect_detail, occurred_at, received_at)
            ON CONFLICT (org_id, account_id, event_key) DO NOTHING
            """
        )
    }
}

extension MessagingAPI.ReportEffect: PostgresValue {}
