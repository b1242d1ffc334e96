import InternalAPI
import Postgres
import Shared

extension ConversationStore {
    /// The conversation of each of `items`, in their order; nil where the organization has none with the id.
    static func find(
        _ items: [ConversationAPI.Find],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [ConversationAPI.Found?] {
        let rows = try connection.query(
            """
            SELECT r.item, c.id, c.customer_id, c.account_id, c.channel, c.address_kind, c.address
              FROM unnest(\(items.map(\.orgID))::uuid[], \(items.map(\.id))::uuid[])
                   WITH ORDINALITY AS r (org_id, id, item)
              LEFT JOIN conversations c ON c.org_id = r.org_id AND c.id = r.id
            """
        )
        var found = [ConversationAPI.Found?](repeating: nil, count: items.count)
        for row in rows {
            found[try row.get("item", as: Int.self) - 1] = try Self.conversation(in: row)
        }
        return found
    }

    /// Nil in the row of an item that has none.
    private static func conversation(in row: Row) throws(PostgresError) -> ConversationAPI.Found? {
        guard let id = try row.getIfPresent("id", as: ConversationID.self) else { return nil }
        guard let channel = Channel(rawValue: try row.get("channel")) else {
            throw .decoding(column: "channel", type: "Channel")
        }
        guard let kind = AddressKind(rawValue: try row.get("address_kind")) else {
            throw .decoding(column: "address_kind", type: "AddressKind")
        }
        return ConversationAPI.Found(
            id: id,
            customerID: try row.get("customer_id"),
            accountID: try row.get("account_id"),
            channel: channel,
            address: Address(kind: kind, value: try row.get("address"))
        )
    }
}
