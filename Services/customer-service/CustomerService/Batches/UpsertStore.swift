import Postgres
import Shared

/// The statements of a batch of customers, each of many rows.
enum UpsertStore {
    /// Locks customers until the transaction ends, in the order of ids.
    ///
    /// - Throws: `serializationFailure` when one of them went in this moment.
    static func lock(
        _ ids: Set<CustomerID>,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerID: UpsertPlan.Known] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.query(
            """
            SELECT c.*, (SELECT count(*) FROM identities i WHERE i.org_id = c.org_id AND i.customer_id = c.id) AS identities
              FROM unnest(\(Array(ids))::uuid[]) AS r (id) JOIN customers c ON c.org_id = \(orgID) AND c.id = r.id
             ORDER BY c.id
               FOR NO KEY UPDATE OF c
            """
        )
        guard rows.count == ids.count else { throw .serializationFailure }
        var customers: [CustomerID: UpsertPlan.Known] = [:]
        for row in rows {
            let profile = try CustomerProfile(row)
            customers[try row.get("id")] = .init(
                before: profile,
                profile: profile,
                identities: try row.get("identities")
            )
        }
        return customers
    }

    /// What counts of the consents of customers.
    static func stated(
        of ids: Set<CustomerID>,
        _ orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [UpsertPlan.ConsentKey: UpsertPlan.StatedConsent] {
        guard !ids.isEmpty else { return [:] }
        let rows = try connection.query(
            """
            SELECT c.customer_id, c.channel, c.purpose, c.status, c.source, c.proof, c.at
              FROM unnest(\(Array(ids))::uuid[]) AS r (id)
              JOIN consents c ON c.org_id = \(orgID) AND c.customer_id = r.id
            """
        )
        var stated: [UpsertPlan.ConsentKey: UpsertPlan.StatedConsent] = [:]
        for row in rows {
            let key = UpsertPlan.ConsentKey(
                customerID: try row.get("customer_id"),
                channel: try row.get("channel"),
                purpose: try row.get("purpose")
            )
            stated[key] = .init(
                status: try row.get("status"),
                source: try row.get("source"),
                proof: try row.getIfPresent("proof"),
                at: try row.get("at")
            )
        }
        return stated
    }

    static func insert(_ profiles: [(id: CustomerID, profile: CustomerProfile)], of orgID: OrgID) -> SQL {
        """
        INSERT INTO customers (org_id, id, name, first_name, timezone, language, is_guest, fields)
        SELECT \(orgID)::uuid, r.id, r.name, r.first_name, r.timezone, r.language, r.is_guest, r.fields::json
          FROM unnest(
                   \(profiles.map(\.id))::uuid[], \(profiles.map(\.profile.name))::text[],
                   \(profiles.map(\.profile.firstName))::text[], \(profiles.map(\.profile.timezone))::text[],
                   \(profiles.map(\.profile.language))::text[], \(profiles.map(\.profile.isGuest))::boolean[],
                   \(profiles.map { JSONValue.object($0.profile.fields).text })::text[]
               ) AS r (id, name, first_name, timezone, language, is_guest, fields)
        """
    }

    static func update(_ profiles: [(id: CustomerID, profile: CustomerProfile)], of orgID: OrgID) -> SQL {
        """
        UPDATE customers c
           SET name = r.name, name_seen_at = r.seen_at, name_event_key = r.event_key, first_name = r.first_name,
               timezone = r.timezone, language = r.language, is_guest = r.is_guest, fields = r.fields::json,
               updated_at = now()
          FROM unnest(
                   \(profiles.map(\.id))::uuid[], \(profiles.map(\.profile.name))::text[],
                   \(profiles.map(\.profile.nameSeenAt))::timestamptz[],
                   \(profiles.map(\.profile.nameEventKey))::text[], \(profiles.map(\.profile.firstName))::text[],
                   \(profiles.map(\.profile.timezone))::text[], \(profiles.map(\.profile.language))::text[],
                   \(profiles.map(\.profile.isGuest))::boolean[],
                   \(profiles.map { JSONValue.object($0.profile.fields).text })::text[]
               ) AS r (id, name, seen_at, event_key, first_name, timezone, language, is_guest, fields)
         WHERE c.org_id = \(orgID) AND c.id = r.id
        """
    }

    /// Makes the fields of customers findable, as they stand in the table.
    static func indexFields(of ids: [CustomerID], _ orgID: OrgID) -> [SQL] {
        [
            """
            DELETE FROM customer_fields f USING unnest(\(ids)::uuid[]) AS r (id)
             WHERE f.org_id = \(orgID) AND f.customer_id = r.id
            """,
            """
            INSERT INTO customer_fields (org_id, digest, customer_id)
            SELECT DISTINCT c.org_id, md5(length(f.key) || ':' || f.key || f.value)::uuid, c.id
              FROM unnest(\(ids)::uuid[]) AS r (id)
              JOIN customers c ON c.org_id = \(orgID) AND c.id = r.id, json_each_text(c.fields) AS f
            """,
        ]
    }

    /// Adds customers to groups by name, in the order of the keys; groups that are missing are made.
    ///
    /// - Returns: those who were not members.
    static func join(
        _ memberships: Set<UpsertPlan.Membership>,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Set<CustomerID> {
        guard !memberships.isEmpty else { return [] }
        let names = Set(memberships.map(\.group)).sorted()
        let members = Array(memberships)
        do throws(PostgresError) {
            let rows = try connection.pipeline([
                """
                INSERT INTO groups (org_id, id, name)
                SELECT \(orgID)::uuid, r.id, r.name
                  FROM unnest(\(names.map { _ in GroupID.new() })::uuid[], \(names)::text[]) AS r (id, name) ORDER BY r.name
                ON CONFLICT ON CONSTRAINT group_name_taken DO NOTHING
                """,
                """
                INSERT INTO group_members (org_id, group_id, customer_id)
                SELECT g.org_id, g.id, r.id
                  FROM unnest(\(members.map(\.customerID))::uuid[], \(members.map(\.group))::text[]) AS r (id, name)
                  JOIN groups g ON g.org_id = \(orgID) AND g.name = r.name
                 ORDER BY g.id, r.id
                ON CONFLICT (org_id, group_id, customer_id) DO NOTHING
                RETURNING customer_id
                """,
            ])[1]
            return Set(try rows.map { row throws(PostgresError) in try row.get("customer_id", as: CustomerID.self) })
        } catch .foreignKeyViolation {
            // A group was removed in this moment.
            throw .serializationFailure
        }
    }
}
