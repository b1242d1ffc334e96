import Foundation
import InternalAPI
import Postgres
import Shared

/// The statements that erase messages and what belongs to them, for one organization.
struct ErasureStore: Sendable {
    /// Messages of one step.
    static let batch = 200

    let orgID: OrgID

    /// The next messages of the customers and conversations that are not erased, the oldest first, and whether they are still to be
    /// sent.
    ///
    /// Each id is looked up by itself: its index has its messages in their order.
    func next(_ request: ErasureRequest, after last: MessageID?) -> SQL {
        """
        SELECT f.id, o.message_id IS NOT NULL AS is_unfinished FROM (
            SELECT m.id FROM unnest(\(request.customerIDs)::uuid[]) AS r (id) CROSS JOIN LATERAL (
                SELECT id FROM messages
                 WHERE org_id = \(self.orgID) AND customer_id = r.id AND erased_at IS NULL
                   AND (\(last)::uuid IS NULL OR id > \(last))
                 ORDER BY id LIMIT \(Self.batch)::int) AS m
            UNION
            SELECT m.id FROM unnest(\(request.conversationIDs)::uuid[]) AS r (id) CROSS JOIN LATERAL (
                SELECT id FROM messages
                 WHERE org_id = \(self.orgID) AND conversation_id = r.id AND erased_at IS NULL
                   AND (\(last)::uuid IS NULL OR id > \(last))
                 ORDER BY id LIMIT \(Self.batch)::int) AS m
             ORDER BY id LIMIT \(Self.batch)::int
        ) AS f
          LEFT JOIN outbox o ON o.org_id = \(self.orgID) AND o.message_id = f.id
         ORDER BY f.id
        """
    }

    /// Erases those of `ids` that are finished, under their locks.
    ///
    /// - Returns: whether that is all that there is to erase of them.
    func erase(_ ids: [MessageID], on connection: isolated PostgresConnection) throws -> Bool {
        guard !ids.isEmpty else { return true }
        try connection.query(
            "SELECT id FROM messages WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[]) ORDER BY id FOR UPDATE"
        )
        // By a statement of its own: the snapshot of the locking one may be older than the lock.
        let rows = try connection.query(
            """
            SELECT m.id, m.reference, o.message_id IS NOT NULL AS is_unfinished FROM messages m
              LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id
             WHERE m.org_id = \(self.orgID) AND m.id = ANY (\(ids)::uuid[])
            """
        )
        let references = Set(try rows.compactMap { try $0.getIfPresent("reference", as: String.self) })
        let busy = Set(
            try connection.query(self.jobs(naming: Array(references))).map { try $0.get("reference", as: String.self) }
        )
        let finished = try rows.filter { row in
            let reference: String? = try row.getIfPresent("reference")
            return try !row.get("is_unfinished", as: Bool.self) && !(reference.map(busy.contains) ?? false)
        }
        let erased = try finished.map { try $0.get("id", as: MessageID.self) }
        let reports = try connection.query(ErasedReport.of(erased, self.orgID)).map { try ErasedReport($0) }
        try connection.pipeline(self.statements(of: erased) + [ErasedReport.update(reports, of: self.orgID)])
        return finished.count == rows.count
    }

    /// What is erased of messages, but for the reports about them.
    ///
    /// Providers' ids stay where they tell nothing; those of WhatsApp hold the number, and others may.
    private func statements(of ids: [MessageID]) -> [SQL] {
        [
            """
            DELETE FROM keyword_answers k USING messages m
             WHERE m.org_id = \(self.orgID) AND m.id = ANY (\(ids)::uuid[]) AND m.direction = 'inbound'
               AND k.org_id = m.org_id AND k.account_id = m.account_id AND k.address = m.recipient
            """,
            """
            UPDATE attempts a
               SET error_detail = NULL, provider_response = NULL,
                   provider_message_id = CASE WHEN m.channel IN ('sms', 'email') THEN a.provider_message_id END
              FROM messages m
             WHERE m.org_id = \(self.orgID) AND m.id = ANY (\(ids)::uuid[]) AND a.org_id = m.org_id AND a.message_id = m.id
            """,
            """
            DELETE FROM message_attachments WHERE org_id = \(self.orgID) AND message_id = ANY (\(ids)::uuid[])
            """,
            """
            UPDATE broadcast_recipients b
               SET address = \(Erased.prefix) || b.number, customer_id = NULL, parameters = NULL
              FROM messages m
             WHERE m.org_id = \(self.orgID) AND m.id = ANY (\(ids)::uuid[]) AND m.broadcast_id IS NOT NULL
               AND b.org_id = m.org_id AND b.broadcast_id = m.broadcast_id AND b.address = m.recipient
               AND b.refusal IS NULL AND b.message_id = m.id
            """,
            """
            UPDATE inbound_events SET event_key = \(Erased.prefix) || encode(sha256(convert_to(event_key, 'UTF8')), 'hex')
             WHERE org_id = \(self.orgID) AND message_id = ANY (\(ids)::uuid[])
               AND NOT starts_with(event_key, \(Erased.prefix))
            """,
            """
            UPDATE messages
               SET recipient = \(Erased.text), content = '{}', parameters = NULL, reference = NULL, metadata = NULL, attachment_sources = NULL,
                   error_detail = NULL, erased_at = coalesce(erased_at, clock_timestamp()),
                   provider_message_id = CASE WHEN channel IN ('sms', 'email') THEN provider_message_id END
             WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[])
            """,
        ]
    }

    /// Takes references of messages out of the jobs that were meant for them, and answers those that jobs still go by: their
    /// messages have to wait.
    private func jobs(naming references: [String]) -> SQL {
        """
        WITH named AS (
            SELECT id, finished_at, filter ->> 'reference' AS reference FROM jobs
             WHERE org_id = \(self.orgID) AND filter ->> 'reference' = ANY (\(references)::text[])
        ), changed AS (
            UPDATE jobs j SET filter = (j.filter::jsonb - 'reference')::json
              FROM named n WHERE j.org_id = \(self.orgID) AND j.id = n.id AND n.finished_at IS NOT NULL
        )
        SELECT reference FROM named WHERE finished_at IS NULL
        """
    }

    /// What is erased that is kept by conversation, customer or address.
    func places(of request: ErasureRequest) -> [SQL] {
        [
            """
            UPDATE conversation_windows SET address = \(Erased.text)
             WHERE org_id = \(self.orgID) AND conversation_id = ANY (\(request.conversationIDs)::uuid[])
            """,
            """
            UPDATE broadcast_recipients
               SET address = \(Erased.prefix) || number, customer_id = NULL, parameters = NULL,
                   refusal = CASE WHEN message_id IS NULL THEN \(Erased.text) END
             WHERE org_id = \(self.orgID) AND customer_id = ANY (\(request.customerIDs)::uuid[])
            """,
        ]
    }

    /// One at a time rewrites an organization's archive, until the end of the transaction.
    var lockArchive: SQL { "SELECT pg_advisory_xact_lock(7064, hashtext(\(self.orgID.description)))" }
}

/// What is left of a provider's report about a message that was erased.
struct ErasedReport: Sendable {
    private let accountID: AccountID
    private let key: String
    private let report: ProviderReport
    private let providerMessageID: String?

    static func of(_ ids: [MessageID], _ orgID: OrgID) -> SQL {
        """
        SELECT e.account_id, e.event_key, e.report, e.provider_message_id, m.channel
          FROM provider_events e JOIN messages m ON m.org_id = e.org_id AND m.id = e.message_id
         WHERE e.org_id = \(orgID) AND e.message_id = ANY (\(ids)::uuid[])
        """
    }

    init(_ row: Row) throws {
        let (text, channel): (String, Channel) = (try row.get("report"), try row.get("channel"))
        self.accountID = try row.get("account_id")
        self.key = try row.get("event_key")
        let report =
            (try? JSONDecoder().decode(ProviderReport.self, from: Data(text.utf8)))
            ?? ProviderReport(
                eventKey: self.key,
                reference: nil,
                providerMessageID: nil,
                status: .note(Erased.text),
                occurredAt: nil
            )
        self.report = report.erased(on: channel)
        self.providerMessageID = self.report.providerMessageID
    }

    static func update(_ reports: [ErasedReport], of orgID: OrgID) -> SQL {
        """
        UPDATE provider_events e
           SET event_key = r.new_key, report = r.report::json, provider_message_id = r.provider_message_id
          FROM unnest(
            \(reports.map(\.accountID))::uuid[], \(reports.map(\.key))::text[], \(reports.map(\.report.eventKey))::text[],
            \(reports.map(\.json))::text[], \(reports.map(\.providerMessageID))::text[]
          ) AS r (account_id, event_key, new_key, report, provider_message_id)
         WHERE e.org_id = \(orgID) AND e.account_id = r.account_id AND e.event_key = r.event_key
        """
    }

    private var json: String {
        String(decoding: (try? JSONEncoder().encode(self.report)) ?? Data("{}".utf8), as: UTF8.self)
    }
}
