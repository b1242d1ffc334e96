import InternalAPI
import Postgres
import Shared

/// Says what is known of customers, as texts for templates.
struct CustomerValues: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order; nil where there is no such customer.
    func callAsFunction(_ items: [CustomerAPI.ValuesQuestion]) async throws -> [[String: String]?] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try Self.profiles(of: items, on: connection).enumerated().map { index, profile in
                profile.map { $0.values(of: items[index].names) }
            }
        }
    }

    /// Left joins, so that no plan can begin with a table.
    private static func profiles(
        of items: [CustomerAPI.ValuesQuestion],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerProfile?] {
        let rows = try connection.query(
            """
            SELECT r.item, c.*
              FROM unnest(\(items.map(\.orgID))::uuid[], \(items.map(\.customerID))::uuid[],
                          \(items.map(\.address?.value))::text[], \(items.map(\.address?.kind))::address_kind[])
                   WITH ORDINALITY AS r (org_id, id, value, kind, item)
              LEFT JOIN identities i ON i.org_id = r.org_id AND i.value = r.value AND i.kind = r.kind
              LEFT JOIN customer_redirects d ON d.org_id = r.org_id AND d.id = r.id
              LEFT JOIN customers c ON c.org_id = r.org_id AND c.id = CASE WHEN i.customer_id IS NOT NULL THEN i.customer_id
                                                                                  ELSE \(CustomerStore.now) END
            """
        )
        var profiles = [CustomerProfile?](repeating: nil, count: items.count)
        for row in rows where try row.getIfPresent("id", as: CustomerID.self) != nil {
            profiles[try row.get("item", as: Int.self) - 1] = try CustomerProfile(row)
        }
        return profiles
    }
}

extension CustomerAPI.ValuesQuestion {
    fileprivate var customerID: CustomerID? {
        guard case .customer(let id) = self.whom else { return nil }
        return id
    }

    fileprivate var address: Address? {
        guard case .address(let address) = self.whom else { return nil }
        return address
    }
}

extension CustomerProfile {
    /// Those of `names` that have a text here; an empty one is none.
    fileprivate func values(of names: [String]) -> [String: String] {
        var values: [String: String] = [:]
        for name in names {
            guard let value = self.value(of: name), !value.isEmpty else { continue }
            values[name] = value
        }
        return values
    }

    private func value(of name: String) -> String? {
        switch name {
        case "name": self.name
        case "first_name": self.firstName
        case "language": self.language
        case "timezone": self.timezone
        default:
            switch self.fields[name] {
            case .string(let text)?: text
            case .number(let number)?: number.text
            case .bool(let flag)?: flag ? "true" : "false"
            case .null?, .array?, .object?, nil: nil
            }
        }
    }
}
