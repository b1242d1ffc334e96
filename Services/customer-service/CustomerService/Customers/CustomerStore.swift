import Postgres
import Shared

/// The statements on `customers`, and those that read what belongs to one.
enum CustomerStore {
    /// Whether others may change a customer that was found, until the transaction ends.
    enum Lock {
        case none, change
        /// Nor give them anything.
        case removal

        fileprivate var sql: SQL {
            switch self {
            case .none: ""
            case .change: "FOR NO KEY UPDATE OF c"
            case .removal: "FOR UPDATE OF c"
            }
        }
    }

    /// Who the customer `r.id` is now, with their redirect `d`.
    ///
    /// Not by `coalesce`, which Postgres does not take for leakproof: beside a policy it would be compared with each customer of the
    /// organization, where this is looked up in an index.
    static let now: SQL = "CASE WHEN d.customer_id IS NOT NULL THEN d.customer_id ELSE r.id END"

    /// Who `id` is now: another customer after a merge.
    ///
    /// - Returns: nil where the organization has no such customer.
    static func current(
        _ id: CustomerID,
        of orgID: OrgID,
        lock: Lock = .none,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> CustomerID? {
        let find: SQL = """
            SELECT c.id FROM unnest(ARRAY[\(id)]::uuid[]) AS r (id)
              LEFT JOIN customer_redirects d ON d.org_id = \(orgID) AND d.id = r.id
              JOIN customers c ON c.org_id = \(orgID) AND c.id = \(Self.now)
            \(lock.sql)
            """
        var rows = try connection.query(find)
        // Once more: a merge for which the first one waited has left a redirect.
        if rows.isEmpty { rows = try connection.query(find) }
        return try rows.first?.get("id")
    }

    /// - Throws: `Problem` `not-found`.
    static func required(
        _ id: CustomerID,
        of orgID: OrgID,
        lock: Lock = .none,
        on connection: isolated PostgresConnection
    ) throws -> CustomerID {
        guard let id = try self.current(id, of: orgID, lock: lock, on: connection) else { throw Problem.notFound }
        return id
    }

    /// The customers with `ids`, in their order, as far as the organization has them.
    static func resources(
        _ ids: [CustomerID],
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerResource] {
        guard !ids.isEmpty else { return [] }
        let results = try connection.pipeline([
            """
            SELECT c.* FROM unnest(\(ids)::uuid[]) WITH ORDINALITY AS r (id, item)
              JOIN customers c ON c.org_id = \(orgID) AND c.id = r.id
             ORDER BY r.item
            """,
            """
            SELECT i.customer_id, i.kind, i.value, i.created_at FROM unnest(\(ids)::uuid[]) AS r (id)
              JOIN identities i ON i.org_id = \(orgID) AND i.customer_id = r.id
             ORDER BY i.created_at, i.value, i.kind
            """,
            """
            SELECT m.customer_id, g.name FROM unnest(\(ids)::uuid[]) AS r (id)
              JOIN group_members m ON m.org_id = \(orgID) AND m.customer_id = r.id
              JOIN groups g ON g.org_id = m.org_id AND g.id = m.group_id
             ORDER BY g.name
            """,
        ])
        var identities: [CustomerID: [JSONValue]] = [:]
        for row in results[1] {
            identities[try row.get("customer_id"), default: []].append(try CustomerResource.identity(row))
        }
        var groups: [CustomerID: [String]] = [:]
        for row in results[2] { groups[try row.get("customer_id"), default: []].append(try row.get("name")) }
        var resources: [CustomerResource] = []
        for row in results[0] {
            let id: CustomerID = try row.get("id")
            resources.append(try CustomerResource(row, identities: identities[id] ?? [], groups: groups[id] ?? []))
        }
        return resources
    }

    /// - Throws: `Problem` `not-found`.
    static func resource(
        _ id: CustomerID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> CustomerResource {
        guard let resource = try self.resources([id], of: orgID, on: connection).first else { throw Problem.notFound }
        return resource
    }

    static func insert(_ profile: CustomerProfile, id: CustomerID, of orgID: OrgID) -> SQL {
        """
        INSERT INTO customers (org_id, id, name, first_name, timezone, language, is_guest, fields)
        VALUES (\(orgID), \(id), \(profile.name), \(profile.firstName), \(profile.timezone), \(profile.language),
                \(profile.isGuest), \(JSONValue.object(profile.fields).text)::json)
        """
    }

    static func profile(
        of id: CustomerID,
        _ orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> CustomerProfile {
        let rows = try connection.query("SELECT * FROM customers WHERE org_id = \(orgID) AND id = \(id)")
        guard let row = rows.first else { throw Problem.notFound }
        return try CustomerProfile(row)
    }

    static func update(_ profile: CustomerProfile, of id: CustomerID, _ orgID: OrgID) -> SQL {
        """
        UPDATE customers
           SET name = \(profile.name), name_seen_at = \(profile.nameSeenAt), name_event_key = \(profile.nameEventKey),
               first_name = \(profile.firstName), timezone = \(profile.timezone), language = \(profile.language),
               is_guest = \(profile.isGuest), fields = \(JSONValue.object(profile.fields).text)::json,
               updated_at = now()
         WHERE org_id = \(orgID) AND id = \(id)
        """
    }

    /// Makes the fields of a customer findable, as they stand in the table.
    static func indexFields(of id: CustomerID, _ orgID: OrgID) -> [SQL] {
        [
            "DELETE FROM customer_fields WHERE org_id = \(orgID) AND customer_id = \(id)",
            """
            INSERT INTO customer_fields (org_id, digest, customer_id)
            SELECT DISTINCT c.org_id, md5(length(f.key) || ':' || f.key || f.value)::uuid, c.id
              FROM customers c, json_each_text(c.fields) AS f
             WHERE c.org_id = \(orgID) AND c.id = \(id)
            """,
        ]
    }
}
