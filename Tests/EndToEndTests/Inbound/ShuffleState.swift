import Foundation
import Postgres
import Shared

/// Every row of an installation, as it can be compared with that of another one.
///
/// Ids made at random are names, and a time that no provider told is only known to be one.
struct ShuffleState: Sendable {
    /// Rows in their order, by database and table.
    private(set) var tables: [String: [String]] = [:]

    init(_ databases: ShuffleDatabases) async throws {
        let text = ShuffleText(try await ShuffleNames(databases).names)
        for (database, connection) in databases.all {
            let tables = try await connection.query(
                """
                SELECT table_name::text FROM information_schema.tables
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'migrations'
                """
            )
            for row in tables {
                let table: String = try row.get("table_name")
                let name = "\(database).\(table)"
                guard !ShuffleExclusion.isWhole(name) else { continue }
                let rows = try await connection.query(Self.rows(of: table, in: database))
                self.tables[name] = try rows.map { text.named(try $0.get("line")) }.sorted()
            }
        }
    }

    /// The names are those of the schema and of the table of exclusions, and so no values.
    private static func rows(of table: String, in database: String) -> SQL {
        let name = "\(database).\(table)"
        let excluded = ShuffleExclusion.columns(of: name).map { "'\($0)'" }.joined(separator: ", ")
        let more = ShuffleExclusion.substitutes[name].map { " || \($0)" } ?? ""
        return SQL(
            stringLiteral: "SELECT (to_jsonb(t) - ARRAY[\(excluded)]::text[]\(more))::text AS line FROM \"\(table)\" t"
        )
    }

    /// The rows that only one of the two has, a few of each table.
    func differences(from other: Self) -> [String] {
        Set(self.tables.keys).union(other.tables.keys).sorted().flatMap { table in
            let (mine, theirs) = (self.tables[table] ?? [], other.tables[table] ?? [])
            let (missing, added) = (Self.rows(mine, without: theirs), Self.rows(theirs, without: mine))
            guard !missing.isEmpty || !added.isEmpty else { return [String]() }
            return ["\(table): \(missing.count) and \(added.count) rows differ"]
                + missing.prefix(5).map { "in order: \($0)" } + added.prefix(5).map { "shuffled: \($0)" }
        }
    }

    /// A row that is there twice must be there twice in the other.
    private static func rows(_ rows: [String], without others: [String]) -> [String] {
        var left = others.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        return rows.filter { row in
            guard let count = left[row], count > 0 else { return true }
            left[row] = count - 1
            return false
        }
    }
}

/// Puts names in the place of ids, in any text.
struct ShuffleText {
    private static let pattern =
        #"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|wamid\.[A-Za-z0-9+/=_-]+|SM[0-9a-f]{32}"#
        + #"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)"#

    private let names: [String: String]
    private let expression: NSRegularExpression?
    /// What is later was not told by a provider.
    private let lastTold = Date(timeIntervalSinceNow: -3600).formatted(.iso8601)

    init(_ names: [String: String]) {
        self.names = names
        self.expression = try? NSRegularExpression(pattern: Self.pattern)
    }

    func named(_ line: String) -> String {
        let text = line as NSString
        var result = ""
        var end = 0
        for match in self.expression?.matches(in: line, range: NSRange(location: 0, length: text.length)) ?? [] {
            result += text.substring(with: NSRange(location: end, length: match.range.location - end))
            result += self.name(of: text.substring(with: match.range))
            end = match.range.location + match.range.length
        }
        return result + text.substring(from: end)
    }

    private func name(of token: String) -> String {
        if let name = self.names[token] { return "<\(name)>" }
        let isTime = token.hasPrefix("2") && token.dropFirst(4).first == "-" && token.dropFirst(10).first == "T"
        return isTime && token > self.lastTold ? "<later>" : token
    }
}
