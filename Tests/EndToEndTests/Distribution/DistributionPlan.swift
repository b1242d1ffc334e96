import Foundation
import Postgres
import Shared

/// What a file of `deploy/citus` does with the tables of a database.
struct DistributionPlan: Sendable {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "deploy/citus")

    /// Whole on every node.
    var whole: [String]
    /// By organization, in the order of the file, and beside what.
    var distributed: [(table: String, beside: String)]

    init(of database: String) throws {
        let text = try String(contentsOf: Self.folder.appending(path: "\(database).sql"), encoding: .utf8)
        self.whole = text.matches(of: /create_reference_table\('([a-z_]+)'\)/).map { String($0.1) }
        self.distributed = text.matches(
            of: /create_distributed_table\('([a-z_]+)', 'org_id', colocate_with => '([a-z_]+)'\)/
        ).map { (String($0.1), String($0.2)) }
    }

    /// Why Citus would refuse the file or a table lie where it should not, in a database as the migrations leave it.
    func faults(on connection: isolated PostgresConnection) throws(PostgresError) -> [String] {
        try self.placeFaults(try self.tables(on: connection)) + self.referenceFaults(on: connection)
    }

    /// Tables with names of the keys that do not have the organization in them.
    private func tables(on connection: isolated PostgresConnection) throws(PostgresError) -> [String: String] {
        let rows = try connection.query(
            """
            SELECT c.relname AS name, coalesce(
                    (SELECT string_agg(x.relname, ' ' ORDER BY x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
                      WHERE i.indrelid = c.oid AND i.indisunique AND NOT coalesce(o.attnum = ANY (i.indkey), false)), '') AS keys
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_attribute o ON o.attrelid = c.oid AND o.attname = 'org_id' AND NOT o.attisdropped
             WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'migrations'
            """
        )
        var tables: [String: String] = [:]
        for row in rows { tables[try row.get("name")] = try row.get("keys", as: String.self) }
        return tables
    }

    private func placeFaults(_ tables: [String: String]) -> [String] {
        let placed = self.whole + self.distributed.map(\.table)
        var faults = Set(tables.keys).subtracting(placed).map { "\($0) is not placed" }
        faults += Set(placed).subtracting(tables.keys).map { "\($0) is not there" }
        if Set(placed).count != placed.count { faults.append("a table is placed twice") }
        for (index, (table, beside)) in self.distributed.enumerated() {
            let expected = index == 0 ? "none" : self.distributed[0].table
            if beside != expected { faults.append("\(table) lies beside \(beside), not \(expected)") }
            if let keys = tables[table], !keys.isEmpty { faults.append("\(table) has a key without org_id: \(keys)") }
        }
        return faults.sorted()
    }

    /// A foreign key leads to a row of the same organization, or to a table that is whole everywhere, placed before it.
    private func referenceFaults(on connection: isolated PostgresConnection) throws(PostgresError) -> [String] {
        let rows = try connection.query(
            """
            SELECT c.conname AS name, f.relname AS near, t.relname AS far,
                   EXISTS (SELECT FROM unnest(c.conkey, c.confkey) AS k (near, far)
                             JOIN pg_attribute a ON a.attrelid = f.oid AND a.attnum = k.near AND a.attname = 'org_id'
                             JOIN pg_attribute b ON b.attrelid = t.oid AND b.attnum = k.far AND b.attname = 'org_id') AS is_of_org
              FROM pg_constraint c JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid
             WHERE c.contype = 'f'
             ORDER BY 1
            """
        )
        let order = self.distributed.map(\.table)
        var faults: [String] = []
        for row in rows {
            let (name, near, far): (String, String, String) = (
                try row.get("name"), try row.get("near"), try row.get("far")
            )
            if self.whole.contains(far) { continue }
            guard let from = order.firstIndex(of: near), let to = order.firstIndex(of: far),
                try row.get("is_of_org", as: Bool.self)
            else {
                faults.append("\(name) leads to another organization")
                continue
            }
            if to > from { faults.append("\(near) is placed before \(far), which \(name) leads to") }
        }
        return faults
    }
}
