import Postgres
import Shared

/// Who is gone: table `gone_customers`.
struct GoneCustomer: Sendable, Equatable {
    /// Every id they had.
    var ids: [CustomerID] = []
    /// Of the addresses they had.
    var marks: [String] = []
}

/// The statements that take customers out of the tables, and those that tell who is gone.
struct GoneStore: Sendable {
    let orgID: OrgID

    /// What is known of customers who are gone, under any of `ids`; empty where nobody had them.
    func find(_ ids: [CustomerID], on connection: isolated PostgresConnection) throws(PostgresError) -> GoneCustomer {
        let rows = try connection.query(
            """
            SELECT DISTINCT g.id, g.address_marks
              FROM unnest(\(ids)::uuid[]) AS r (id)
              JOIN gone_customers one ON one.org_id = \(self.orgID) AND one.id = r.id
              JOIN gone_customers g ON g.org_id = one.org_id AND g.customer_id = one.customer_id
             ORDER BY g.id
            """
        )
        var gone = GoneCustomer()
        for row in rows {
            gone.ids.append(try row.get("id"))
            for mark in try row.get("address_marks", as: [String].self) where !gone.marks.contains(mark) {
                gone.marks.append(mark)
            }
        }
        return gone
    }

    /// A customer's other ids: those of who was merged into them.
    func merged(into id: CustomerID, on connection: isolated PostgresConnection) throws(PostgresError) -> [CustomerID] {
        try connection.query(
            "SELECT id FROM customer_redirects WHERE org_id = \(self.orgID) AND customer_id = \(id) ORDER BY id"
        ).map { row throws(PostgresError) in try row.get("id") }
    }

    /// A customer's addresses.
    func addresses(of id: CustomerID, on connection: isolated PostgresConnection) throws(PostgresError) -> [Address] {
        try connection.query(
            "SELECT kind, value FROM identities WHERE org_id = \(self.orgID) AND customer_id = \(id) ORDER BY value, kind"
        ).map { row throws(PostgresError) in Address(kind: try row.get("kind"), value: try row.get("value")) }
    }

    /// Notes that a customer is gone, under all the ids they had.
    func note(_ gone: GoneCustomer, as id: CustomerID, isErased: Bool) -> SQL {
        """
        INSERT INTO gone_customers AS g (org_id, id, customer_id, address_marks, created_at, erased_at)
        SELECT c.org_id, r.id, c.id, \(gone.marks)::text[], c.created_at, CASE WHEN \(isErased) THEN now() END
          FROM unnest(\(gone.ids)::uuid[]) AS r (id)
          JOIN customers c ON c.org_id = \(self.orgID) AND c.id = \(id)
        ON CONFLICT (org_id, id) DO UPDATE
           SET address_marks = excluded.address_marks, erased_at = coalesce(g.erased_at, excluded.erased_at)
        """
    }

    /// Notes that nothing but that is kept of those who were deleted before.
    func noteErased(_ ids: [CustomerID]) -> SQL {
        """
        UPDATE gone_customers SET erased_at = now()
         WHERE org_id = \(self.orgID) AND id = ANY (\(ids)::uuid[]) AND erased_at IS NULL
        """
    }

    /// Keeps what a customer does not want, for each of their addresses.
    func keepOptOuts(of id: CustomerID, marks: [String]) -> SQL {
        """
        INSERT INTO kept_opt_outs AS k (org_id, address_mark, channel, purpose, at)
        SELECT c.org_id, r.mark, c.channel, c.purpose, c.at
          FROM consents c, unnest(\(marks)::text[]) AS r (mark)
         WHERE c.org_id = \(self.orgID) AND c.customer_id = \(id) AND c.status = 'opted_out'
        ON CONFLICT (org_id, address_mark, channel, purpose) DO UPDATE SET at = greatest(k.at, excluded.at)
        """
    }

    /// Leaves addresses on the do-not-contact list by their marks alone.
    func markSuppressions(of addresses: [Address], marks: [String]) -> [SQL] {
        let (values, kinds) = (addresses.map(\.value), addresses.map(\.kind))
        return [
            // What the list has by its mark already.
            """
            DELETE FROM suppressions s
             USING unnest(\(values)::text[], \(kinds)::address_kind[], \(marks)::text[]) AS r (value, kind, mark)
             WHERE s.org_id = \(self.orgID) AND s.value = r.value AND s.kind = r.kind
               AND EXISTS (SELECT FROM suppressions m
                            WHERE m.org_id = s.org_id AND m.value = r.mark AND m.kind = s.kind
                              AND m.channel IS NOT DISTINCT FROM s.channel
                              AND (m.expires_at IS NULL OR m.expires_at >= s.expires_at))
            """,
            """
            DELETE FROM suppressions m
             USING unnest(\(values)::text[], \(kinds)::address_kind[], \(marks)::text[]) AS r (value, kind, mark)
             WHERE m.org_id = \(self.orgID) AND m.value = r.mark AND m.kind = r.kind
               AND EXISTS (SELECT FROM suppressions s
                            WHERE s.org_id = m.org_id AND s.value = r.value AND s.kind = m.kind
                              AND s.channel IS NOT DISTINCT FROM m.channel)
            """,
            """
            UPDATE suppressions s SET value = r.mark, reason = NULL, updated_at = now()
              FROM unnest(\(values)::text[], \(kinds)::address_kind[], \(marks)::text[]) AS r (value, kind, mark)
             WHERE s.org_id = \(self.orgID) AND s.value = r.value AND s.kind = r.kind
            """,
        ]
    }

    /// The lines of the do-not-contact list that have addresses by their marks alone.
    func suppressions(of marks: [String]) -> SQL {
        "SELECT id::text AS id FROM suppressions WHERE org_id = \(self.orgID) AND value = ANY (\(marks)::text[])"
    }

    /// Those that have addresses either way.
    func suppressions(naming addresses: [Address], _ marks: [String]) -> SQL {
        """
        SELECT * FROM suppressions
         WHERE org_id = \(self.orgID) AND value = ANY (\(addresses.map(\.value) + marks)::text[]) ORDER BY id
        """
    }

    /// What a customer was sent, as far as a cap counts it.
    func sends(of id: CustomerID) -> SQL {
        """
        SELECT count(*) AS count, max(at) AS last FROM sends WHERE org_id = \(self.orgID) AND customer_id = \(id)
        """
    }

    /// Takes a customer out of every table, in an order that the foreign keys allow.
    func remove(_ id: CustomerID) -> [SQL] {
        [
            "DELETE FROM identities WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM customer_fields WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM group_members WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM consents WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM consent_changes WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM sends WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM customer_redirects WHERE org_id = \(self.orgID) AND customer_id = \(id)",
            "DELETE FROM customers WHERE org_id = \(self.orgID) AND id = \(id)",
        ]
    }
}
