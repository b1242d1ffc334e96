import Postgres
import Shared

/// The statements on the table `activities`.
enum ActivityStore {
    /// Adds to the trail; of two activities of one cause the earlier one stays.
    ///
    /// `activities` have different causes.
    static func insert(_ activities: [Activity]) -> SQL {
        """
        \(self.add(activities))
        ON CONFLICT (org_id, conversation_id, cause) WHERE cause IS NOT NULL DO UPDATE
           SET id = excluded.id, at = excluded.at
         WHERE a.at > excluded.at
        """
    }

    /// Adds to the trails of conversations that this transaction made: there can be no others of the same causes.
    static func insertFirst(_ activities: [Activity]) -> SQL { self.add(activities) }

    private static func add(_ activities: [Activity]) -> SQL {
        """
        INSERT INTO activities AS a (org_id, conversation_id, id, customer_id, at, type, actor, detail, cause)
        SELECT org_id, conversation_id, id, customer_id, at, type, actor, detail::json, cause
          FROM unnest(
                   \(activities.map(\.orgID))::uuid[], \(activities.map(\.conversationID))::uuid[],
                   \(activities.map(\.id))::uuid[], \(activities.map(\.customerID))::uuid[],
                   \(activities.map(\.at))::timestamptz[], \(activities.map(\.kind))::activity_type[],
                   \(activities.map(\.actor))::text[], \(activities.map { $0.detail?.text })::text[],
                   \(activities.map { $0.cause?.text })::text[]
               ) AS r (org_id, conversation_id, id, customer_id, at, type, actor, detail, cause)
        """
    }

    /// One page of a conversation's, the newest first.
    static func list(
        of conversationID: ConversationID,
        _ orgID: OrgID,
        before cursor: ID<Activity>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [ActivityResource] {
        try connection.query(
            """
            SELECT * FROM activities
             WHERE org_id = \(orgID) AND conversation_id = \(conversationID)
               AND (\(cursor)::uuid IS NULL OR id < \(cursor))
             ORDER BY id DESC LIMIT \(limit)::int
            """
        ).map { try ActivityResource($0) }
    }

    /// One page of a customer's, in all conversations, the newest first.
    static func list(
        of customerID: CustomerID,
        _ orgID: OrgID,
        before cursor: ID<Activity>?,
        limit: Int,
        on connection: isolated PostgresConnection
    ) throws -> [ActivityResource] {
        try connection.query(
            """
            SELECT * FROM activities
             WHERE org_id = \(orgID) AND customer_id = \(customerID)
               AND (\(cursor)::uuid IS NULL OR id < \(cursor))
             ORDER BY id DESC LIMIT \(limit)::int
            """
        ).map { try ActivityResource($0) }
    }
}

extension Activity.Kind: PostgresValue {}
