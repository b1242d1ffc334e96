import InternalAPI
import Postgres
import Shared

/// The statements that take in inbound messages: tables `conversations` and `received_events`.
enum ReceivedEventStore {
    /// Locks the conversations of those of `items` that are not remembered, and makes those that are missing.
    ///
    /// In the order of the key, as `ConversationStore.save` does, so that two transactions never wait for each other. Nothing
    /// is locked or written for what is remembered. Answers those that were made.
    static func open(_ items: [ConversationAPI.Receive], at now: Timestamp) -> SQL {
        """
        INSERT INTO conversations AS c (org_id, id, customer_id, account_id, channel, address_kind, address, address_at,
                                        active_at, created_at, updated_at)
        SELECT DISTINCT ON (r.org_id, r.customer_id, r.account_id)
               r.org_id, r.id, r.customer_id, r.account_id, r.channel, r.kind, r.address, r.occurred_at,
               r.occurred_at, \(now)::timestamptz, \(now)::timestamptz
          FROM unnest(
                   \(items.map(\.orgID))::uuid[],
                   \(items.map { _ in ConversationID.new() })::uuid[],
                   \(items.map(\.customerID))::uuid[],
                   \(items.map(\.accountID))::uuid[],
                   \(items.map(\.channel))::channel[],
                   \(items.map(\.address.kind))::address_kind[],
                   \(items.map(\.address.value))::text[],
                   \(items.map(\.occurredAt))::timestamptz[],
                   \(items.map(\.eventKey))::text[]
               ) AS r (org_id, id, customer_id, account_id, channel, kind, address, occurred_at, event_key)
          LEFT JOIN received_events e
            ON e.org_id = r.org_id AND e.account_id = r.account_id AND e.event_key = r.event_key
         WHERE e.org_id IS NULL
         ORDER BY r.org_id, r.customer_id, r.account_id
        ON CONFLICT ON CONSTRAINT conversation_taken DO UPDATE SET address = c.address WHERE false
        RETURNING c.id
        """
    }

    /// Remembers those of `items` that are not, in the order of their key, and answers them with their locked conversations.
    static func remember(_ items: [ConversationAPI.Receive], at now: Timestamp) -> SQL {
        """
        WITH fresh AS (
            INSERT INTO received_events AS e (org_id, account_id, event_key, conversation_id, received_at)
            SELECT r.org_id, r.account_id, r.event_key, c.id, \(now)::timestamptz
              FROM unnest(
                       \(items.map(\.orgID))::uuid[],
                       \(items.map(\.customerID))::uuid[],
                       \(items.map(\.accountID))::uuid[],
                       \(items.map(\.eventKey))::text[]
                   ) AS r (org_id, customer_id, account_id, event_key)
              LEFT JOIN received_events e
                ON e.org_id = r.org_id AND e.account_id = r.account_id AND e.event_key = r.event_key
              LEFT JOIN conversations c
                ON c.org_id = r.org_id AND c.customer_id = r.customer_id AND (c.account_id = r.account_id) IS TRUE
             WHERE e.org_id IS NULL
             ORDER BY r.org_id, r.account_id, r.event_key
            ON CONFLICT DO NOTHING
            RETURNING e.org_id, e.event_key, e.conversation_id
        )
        SELECT f.event_key, c.*, s.reopens_on_message
          FROM fresh f
          LEFT JOIN conversations c ON c.org_id = f.org_id AND c.id = f.conversation_id
          LEFT JOIN org_settings s ON s.org_id = f.org_id
        """
    }

    /// The conversations of `items` that are remembered, in their order; NULL where one is not.
    static func recall(_ items: [ConversationAPI.Receive]) -> SQL {
        """
        SELECT e.conversation_id
          FROM unnest(
                   \(items.map(\.orgID))::uuid[],
                   \(items.map(\.accountID))::uuid[],
                   \(items.map(\.eventKey))::text[]
               ) WITH ORDINALITY AS r (org_id, account_id, event_key, item)
          LEFT JOIN received_events e
            ON e.org_id = r.org_id AND e.account_id = r.account_id AND e.event_key = r.event_key
         ORDER BY r.item
        """
    }

    /// Forgets some events of `orgs` that were received before `time`.
    ///
    /// - Returns: how many.
    static func forget(
        before time: Timestamp,
        of orgs: [OrgID],
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> Int {
        try connection.query(
            """
            WITH old AS (
                SELECT org_id, account_id, event_key FROM received_events
                 WHERE org_id = ANY (\(orgs)::uuid[]) AND received_at < \(time)
                 LIMIT \(limit)::int
            )
            DELETE FROM received_events e USING old
             WHERE e.org_id = old.org_id AND e.account_id = old.account_id AND e.event_key = old.event_key
            RETURNING 1
            """
        ).count
    }
}
