import Postgres
import Shared

/// The statements on `group_members`, for one group.
struct MemberStore: Sendable {
    let orgID: OrgID
    let groupID: GroupID

    /// Adds customers, by the ids they have now; who is a member stays one.
    ///
    /// - Throws: `serializationFailure` when the group or one of the customers was removed in this moment.
    /// - Returns: those of `ids` that the organization does not have; then nobody is added.
    func add(
        _ ids: [CustomerID],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerID] {
        let rows = try connection.query(
            """
            SELECT r.id AS asked, c.id FROM unnest(\(ids)::uuid[]) AS r (id)
              LEFT JOIN customer_redirects d ON d.org_id = \(self.orgID) AND d.id = r.id
              LEFT JOIN customers c ON c.org_id = \(self.orgID) AND c.id = \(CustomerStore.now)
            """
        )
        var (members, unknown): ([CustomerID], [CustomerID]) = ([], [])
        for row in rows {
            if let id = try row.getIfPresent("id", as: CustomerID.self) {
                members.append(id)
            } else {
                unknown.append(try row.get("asked"))
            }
        }
        guard unknown.isEmpty else { return unknown }
        do throws(PostgresError) {
            try connection.query(self.insert(members))
        } catch .foreignKeyViolation {
            throw .serializationFailure
        }
        return []
    }

    private func insert(_ ids: [CustomerID]) -> SQL {
        """
        INSERT INTO group_members (org_id, group_id, customer_id)
        SELECT DISTINCT \(self.orgID)::uuid, \(self.groupID)::uuid, r.id FROM unnest(\(ids)::uuid[]) AS r (id) ORDER BY r.id
        ON CONFLICT (org_id, group_id, customer_id) DO NOTHING
        """
    }

    func remove(_ ids: [CustomerID]) -> SQL {
        """
        DELETE FROM group_members m USING unnest(\(ids)::uuid[]) AS r (id)
          LEFT JOIN customer_redirects d ON d.org_id = \(self.orgID) AND d.id = r.id
         WHERE m.org_id = \(self.orgID) AND m.group_id = \(self.groupID) AND m.customer_id = \(CustomerStore.now)
        """
    }

    /// The ids of one page, the newest customer first.
    func page(before cursor: CustomerID?, limit: Int) -> SQL {
        """
        SELECT customer_id AS id FROM group_members
         WHERE org_id = \(self.orgID) AND group_id = \(self.groupID)
           AND (\(cursor)::uuid IS NULL OR customer_id < \(cursor))
         ORDER BY customer_id DESC LIMIT \(limit)::int
        """
    }
}
