package import Postgres
package import Shared

/// The statements on the table `activities`.
package enum ActivityStore {
    static func insert(_ activities: [Activity]) -> SQL {
        """
        INSERT INTO activities (org_id, conversation_id, id, message_id, at, type, actor, detail)
        SELECT * FROM unnest(
            \(activities.map(\.orgID))::uuid[], \(activities.map(\.conversationID))::uuid[],
            \(activities.map(\.id))::uuid[], \(activities.map(\.messageID))::uuid[],
            \(activities.map(\.at))::timestamptz[], \(activities.map(\.kind))::activity_type[],
            \(activities.map(\.actor))::text[], \(activities.map(\.detail))::text[])
        """
    }

    /// Removes those of messages, which are still there: they lie between a message's making and its last change, so of a long
    /// conversation only that part is read.
    ///
    /// The ends are reckoned by themselves: in the condition, row-level security would keep them from the index.
    static func delete(of keys: [MessageKey]) -> SQL {
        """
        WITH lives AS MATERIALIZED (
            SELECT m.org_id, m.id, m.conversation_id, (left(m.id::text, 13) || '-0000-0000-000000000000')::uuid AS first,
                   (overlay(lpad(to_hex((extract(epoch FROM m.updated_at) * 1000)::bigint), 12, '0')
                            PLACING '-' FROM 9 FOR 0) || '-ffff-ffff-ffffffffffff')::uuid AS last
              FROM unnest(\(keys.map(\.orgID))::uuid[], \(keys.map(\.id))::uuid[]) AS k (org_id, id)
              JOIN messages m ON m.org_id = k.org_id AND m.id = k.id
        )
        DELETE FROM activities a USING lives l
         WHERE a.org_id = l.org_id AND a.conversation_id = l.conversation_id AND a.id >= l.first AND a.id <= l.last
           AND a.message_id = l.id
        """
    }

    /// One page of the activities of some conversations, the newest first: of each conversation no more than a page is read.
    package static func list(
        of conversations: [ConversationID],
        in orgID: OrgID,
        before cursor: ID<Activity>?,
        limit: Int
    ) -> SQL {
        """
        SELECT page.*, m.customer_id
          FROM (SELECT a.* FROM unnest(\(Array(Set(conversations)))::uuid[]) AS c (id)
                 CROSS JOIN LATERAL (
                    SELECT id, conversation_id, message_id, at, type, actor, detail FROM activities
                     WHERE org_id = \(orgID) AND conversation_id = c.id
                       AND id < coalesce(\(cursor)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
                     ORDER BY id DESC LIMIT \(limit)::int) AS a
                 ORDER BY a.id DESC LIMIT \(limit)::int) AS page
          LEFT JOIN messages m ON m.org_id = \(orgID) AND m.id = page.message_id
         ORDER BY page.id DESC
        """
    }
}
