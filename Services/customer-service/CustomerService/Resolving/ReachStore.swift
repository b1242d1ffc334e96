import Postgres
import Shared

/// A customer asked for by id, to be reached at an address of one of `kinds`, the best first.
struct WantedCustomer: Sendable {
    let orgID: OrgID
    let id: CustomerID
    let kinds: [AddressKind]
}

/// Where customers are reached: tables `customers` and `customer_redirects`, and `identities` by customer.
enum ReachStore {
    /// Who each of `customers` is, after merges, and the oldest address of each kind that they have.
    ///
    /// - Returns: in the order of `customers`; nil where the organization has no such customer.
    static func firstAddresses(
        of customers: [WantedCustomer],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [(id: CustomerID, addresses: [AddressKind: Address])?] {
        guard !customers.isEmpty else { return [] }
        let rows = try connection.query(
            """
            SELECT DISTINCT ON (r.item, i.kind) r.item, c.id, i.kind, i.value
              FROM unnest(\(customers.map(\.orgID))::uuid[], \(customers.map(\.id))::uuid[])
                   WITH ORDINALITY AS r (org_id, id, item)
              LEFT JOIN customer_redirects d ON d.org_id = r.org_id AND d.id = r.id
              LEFT JOIN customers c ON c.org_id = r.org_id AND c.id = \(CustomerStore.now)
              LEFT JOIN identities i ON i.org_id = c.org_id AND i.customer_id = c.id
             ORDER BY r.item, i.kind, i.created_at, i.value
            """
        )
        var found = [(id: CustomerID, addresses: [AddressKind: Address])?](repeating: nil, count: customers.count)
        for row in rows {
            guard let id = try row.getIfPresent("id", as: CustomerID.self) else { continue }
            let index = try row.get("item", as: Int.self) - 1
            var addresses = found[index]?.addresses ?? [:]
            if let address = try Self.address(in: row) { addresses[address.kind] = address }
            found[index] = (id, addresses)
        }
        return found
    }

    /// Nil in the row of a customer without any.
    private static func address(in row: Row) throws(PostgresError) -> Address? {
        guard let text = try row.getIfPresent("kind", as: String.self) else { return nil }
        guard let kind = AddressKind(rawValue: text) else { throw .decoding(column: "kind", type: "AddressKind") }
        return Address(kind: kind, value: try row.get("value"))
    }
}
