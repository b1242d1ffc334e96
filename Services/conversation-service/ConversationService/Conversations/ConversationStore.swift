import InternalAPI
import Postgres
import Shared

/// Conversations: table `conversations`.
///
/// Look-ups are left joins, so that no plan can begin with the table. Which account it is they compare so that no index can serve
/// it: until Postgres first counts the rows it takes the index of an account's conversations for as good as the one of a
/// customer's few, and reads all of the account for each.
enum ConversationStore {
    /// The ids of those of `items` whose conversation exists with the same address.
    ///
    /// `items` are of different conversations.
    static func current(
        _ items: [ConversationAPI.Resolve],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [ConversationKey: ConversationID] {
        try Self.ids(in: connection.query(Self.findCurrent(items)), of: items)
    }

    static func findCurrent(_ items: [ConversationAPI.Resolve]) -> SQL {
        """
        SELECT r.item, c.id
          FROM unnest(
                   \(items.map(\.orgID))::uuid[],
                   \(items.map(\.customerID))::uuid[],
                   \(items.map(\.accountID))::uuid[],
                   \(items.map(\.address.kind))::address_kind[],
                   \(items.map(\.address.value))::text[]
               ) WITH ORDINALITY AS r (org_id, customer_id, account_id, kind, address, item)
          LEFT JOIN conversations c
            ON c.org_id = r.org_id AND c.customer_id = r.customer_id AND (c.account_id = r.account_id) IS TRUE
           AND c.address_kind = r.kind AND c.address = r.address
        """
    }

    /// Opens those of `items` that have no conversation, takes over the address into the others, and reads their ids.
    ///
    /// `items` are of different conversations. One that another transaction opens in the same moment is waited for.
    /// - Returns: the id of each, and which have been opened.
    static func save(
        _ items: [ConversationAPI.Resolve],
        at now: Timestamp,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> (ids: [ConversationKey: ConversationID], opened: Set<ConversationID>) {
        let candidates = items.map { _ in ConversationID.new() }
        var written: Set<ConversationID> = []
        for row in try connection.query(Self.upsert(items, as: candidates, at: now)) {
            written.insert(try row.get("id"))
        }
        let opened = Set(candidates.filter(written.contains))
        // Those that were there, and what another transaction was quicker with.
        let others = items.indices.filter { !opened.contains(candidates[$0]) }.map { items[$0] }
        var ids = others.isEmpty ? [:] : try Self.ids(in: connection.query(Self.findAtAnyAddress(others)), of: others)
        for (item, id) in zip(items, candidates) where opened.contains(id) { ids[ConversationKey(item)] = id }
        return (ids, opened)
    }

    static func findAtAnyAddress(_ items: [ConversationAPI.Resolve]) -> SQL {
        """
        SELECT r.item, c.id
          FROM unnest(
                   \(items.map(\.orgID))::uuid[],
                   \(items.map(\.customerID))::uuid[],
                   \(items.map(\.accountID))::uuid[]
               ) WITH ORDINALITY AS r (org_id, customer_id, account_id, item)
          LEFT JOIN conversations c
            ON c.org_id = r.org_id AND c.customer_id = r.customer_id AND (c.account_id = r.account_id) IS TRUE
        """
    }

    /// In the order of the key, so that two transactions never wait for each other.
    private static func upsert(
        _ items: [ConversationAPI.Resolve],
        as candidates: [ConversationID],
        at now: Timestamp
    ) -> SQL {
        """
        INSERT INTO conversations AS c (org_id, id, customer_id, account_id, channel, address_kind, address, address_at,
                                        active_at, created_at, updated_at)
        SELECT r.org_id, r.id, r.customer_id, r.account_id, r.channel, r.kind, r.address, now, now, now, now
          FROM unnest(
                   \(items.map(\.orgID))::uuid[],
                   \(candidates)::uuid[],
                   \(items.map(\.customerID))::uuid[],
                   \(items.map(\.accountID))::uuid[],
                   \(items.map(\.channel))::channel[],
                   \(items.map(\.address.kind))::address_kind[],
                   \(items.map(\.address.value))::text[]
               ) AS r (org_id, id, customer_id, account_id, channel, kind, address)
         CROSS JOIN (SELECT \(now)::timestamptz AS now) AS t
         ORDER BY r.org_id, r.customer_id, r.account_id
        ON CONFLICT ON CONSTRAINT conversation_taken DO UPDATE
           SET address_kind = excluded.address_kind, address = excluded.address, address_at = excluded.address_at,
               updated_at = excluded.updated_at
         WHERE c.address_kind <> excluded.address_kind OR c.address <> excluded.address
        RETURNING c.id
        """
    }

    private static func ids(
        in rows: [Row],
        of items: [ConversationAPI.Resolve]
    ) throws(PostgresError) -> [ConversationKey: ConversationID] {
        var ids: [ConversationKey: ConversationID] = [:]
        for row in rows {
            ids[ConversationKey(items[try row.get("item", as: Int.self) - 1])] = try row.getIfPresent("id")
        }
        return ids
    }
}
