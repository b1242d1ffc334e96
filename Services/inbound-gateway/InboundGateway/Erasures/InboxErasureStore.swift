import Crypto
import Postgres
import Shared

/// The statements that find and erase webhooks and events of one organization that came before a time.
struct InboxErasureStore: Sendable {
    let orgID: OrgID
    let before: Timestamp

    /// The next webhooks, the oldest first, and how large they are.
    func sizes(after last: ID<InboxRequest>?, atMost limit: Int) -> SQL {
        """
        SELECT id, octet_length(body) AS bytes FROM inbox_requests
         WHERE org_id = \(self.orgID) AND received_at < \(self.before) AND (\(last)::uuid IS NULL OR id > \(last))
         ORDER BY id LIMIT \(limit)::int
        """
    }

    func requests(_ ids: [ID<InboxRequest>]) -> SQL {
        """
        SELECT \(StoredRequest.columns) FROM inbox_requests AS r
         WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[]) ORDER BY id FOR UPDATE
        """
    }

    /// Leaves of a webhook what is not theirs, and of its events that they were there.
    func erase(_ request: StoredRequest, leaving remainder: StoredRequest.Remainder) -> [SQL] {
        [
            """
            UPDATE inbox_requests SET body = \(ByteArray(bytes: remainder.body)), erased_at = now()
             WHERE org_id = \(self.orgID) AND id = \(request.id)
            """,
            """
            UPDATE inbox_events SET \(Self.erasure)
             WHERE org_id = \(self.orgID) AND account_id = \(request.accountID)
               AND event_key = ANY (\(remainder.keys.map(StorableText.plain))::text[])
            """,
        ]
    }

    /// The next messages and opt-outs that are not erased, the oldest first; `is_open` are opt-outs without their effect.
    func messages(after last: ID<InboxEvent>?, atMost limit: Int) -> SQL {
        """
        SELECT id, content, kind = 'opt_out' AND state = 'pending' AS is_open FROM inbox_events
         WHERE org_id = \(self.orgID) AND received_at < \(self.before) AND erased_at IS NULL
           AND kind IN ('message', 'opt_out')
           AND (\(last)::uuid IS NULL OR id > \(last))
         ORDER BY id LIMIT \(limit)::int
        """
    }

    func erase(_ ids: [ID<InboxEvent>]) -> SQL {
        "UPDATE inbox_events SET \(Self.erasure) WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[])"
    }

    /// A hash in the place of the key tells a repetition of the event from a new one.
    private static let erasure: SQL = """
        content = '{"erased": true}', last_error = NULL, erased_at = now(),
        event_key = CASE WHEN starts_with(event_key, 'erased:') THEN event_key
                         ELSE 'erased:' || encode(sha256(convert_to(event_key, 'UTF8')), 'hex') END,
        state = CASE WHEN state = 'pending' THEN 'ignored' ELSE state END, next_attempt_at = NULL
        """

    private static let erased = "erased:"

    /// What stands in the place of a key, as `erasure` makes it.
    static func erasedKey(_ key: String) -> String {
        guard !key.utf8.starts(with: Self.erased.utf8) else { return key }
        return Self.erased + SHA256.hexDigest(of: Array(key.utf8))
    }
}
