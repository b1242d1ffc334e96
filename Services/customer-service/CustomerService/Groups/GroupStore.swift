import Postgres
import Shared

/// Customers that an organization has put together.
enum Group {}

typealias GroupID = ID<Group>

/// A group as the public API shows it.
struct GroupResource: Sendable {
    let id: GroupID
    let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        self.json = .object(members: [
            ("id", .text(self.id)), ("org_id", .string(try row.get("org_id"))), ("name", .string(try row.get("name"))),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
            ("updated_at", .text(try row.get("updated_at", as: Timestamp.self))),
        ])
    }
}

/// The statements on `groups` and `group_members`.
enum GroupStore {
    /// - Throws: `Problem` `group-name-taken`.
    static func insert(
        _ name: String,
        id: GroupID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> GroupResource {
        let rows = try connection.query(
            """
            INSERT INTO groups (org_id, id, name) VALUES (\(orgID), \(id), \(name))
            ON CONFLICT ON CONSTRAINT group_name_taken DO NOTHING
            RETURNING *
            """
        )
        guard let row = rows.first else { throw Problem.groupNameTaken }
        return try GroupResource(row)
    }

    /// Locks a group until the transaction ends.
    ///
    /// - Throws: `Problem` `not-found`.
    static func lock(_ id: GroupID, of orgID: OrgID, on connection: isolated PostgresConnection) throws -> GroupResource
    {
        let rows = try connection.query("SELECT * FROM groups WHERE org_id = \(orgID) AND id = \(id) FOR UPDATE")
        guard let row = rows.first else { throw Problem.notFound }
        return try GroupResource(row)
    }

    /// - Throws: `Problem` `not-found`; `uniqueViolation` of `group_name_taken`.
    static func rename(
        _ id: GroupID,
        to name: String,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> GroupResource {
        let rows = try connection.query(
            """
            UPDATE groups SET name = \(name), updated_at = now() WHERE org_id = \(orgID) AND id = \(id) RETURNING *
            """
        )
        guard let row = rows.first else { throw Problem.notFound }
        return try GroupResource(row)
    }

    /// - Throws: `Problem` `not-found`.
    static func find(
        _ id: GroupID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> GroupResource {
        let rows = try connection.query("SELECT * FROM groups WHERE org_id = \(orgID) AND id = \(id)")
        guard let row = rows.first else { throw Problem.notFound }
        return try GroupResource(row)
    }

    /// One page, the oldest first.
    static func list(of orgID: OrgID, after cursor: GroupID?, limit: Int) -> SQL {
        """
        SELECT * FROM groups WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id > \(cursor))
         ORDER BY id LIMIT \(limit)::int
        """
    }

    /// Removes a group, and its members from it.
    ///
    /// - Throws: `Problem` `not-found`.
    static func remove(_ id: GroupID, of orgID: OrgID, on connection: isolated PostgresConnection) throws {
        let rows = try connection.query("DELETE FROM groups WHERE org_id = \(orgID) AND id = \(id) RETURNING id")
        guard !rows.isEmpty else { throw Problem.notFound }
    }

    /// Makes a customer a member of the groups of these names and of no others; groups that are missing are made.
    ///
    /// - Throws: `serializationFailure` when one of them was removed in this moment.
    static func setGroups(
        named names: [String],
        of id: CustomerID,
        _ orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.pipeline(self.setGroups(named: names, of: id, orgID))
        } catch .foreignKeyViolation {
            throw .serializationFailure
        }
    }

    private static func setGroups(named names: [String], of id: CustomerID, _ orgID: OrgID) -> [SQL] {
        [
            // In the order of the key, so that two transactions never wait for each other.
            """
            INSERT INTO groups (org_id, id, name)
            SELECT \(orgID), r.id, r.name
              FROM unnest(\(names.map { _ in GroupID.new() })::uuid[], \(names)::text[]) AS r (id, name) ORDER BY r.name
            ON CONFLICT ON CONSTRAINT group_name_taken DO NOTHING
            """,
            """
            DELETE FROM group_members m USING groups g
             WHERE m.org_id = \(orgID) AND m.customer_id = \(id) AND g.org_id = m.org_id AND g.id = m.group_id
               AND g.name <> ALL (\(names)::text[])
            """,
            """
            INSERT INTO group_members (org_id, group_id, customer_id)
            SELECT g.org_id, g.id, \(id) FROM unnest(\(names)::text[]) AS r (name)
              JOIN groups g ON g.org_id = \(orgID) AND g.name = r.name
            ON CONFLICT (org_id, group_id, customer_id) DO NOTHING
            """,
        ]
    }
}

extension Problem {
    static let groupNameTaken = Problem(
        code: "group-name-taken",
        status: 409,
        title: "The organization already has a group with this name."
    )
}
