import Postgres
import Shared

/// The statements on the table `org_directory`, which holds ids only, and lies outside row-level security.
enum OrgDirectory {
    static func add(_ orgs: [OrgID]) -> SQL {
        """
        INSERT INTO org_directory (org_id) SELECT org_id FROM unnest(\(orgs)::uuid[]) AS r (org_id) ORDER BY org_id
        ON CONFLICT DO NOTHING
        """
    }

    /// Some organizations, in the order of their ids, after `last`.
    static func page(after last: OrgID?, limit: Int, on connection: isolated PostgresConnection) throws -> [OrgID] {
        try connection.query(
            """
            SELECT org_id FROM org_directory WHERE \(last)::uuid IS NULL OR org_id > \(last)
             ORDER BY org_id LIMIT \(limit)::int
            """
        ).map { try $0.get("org_id") }
    }
}
