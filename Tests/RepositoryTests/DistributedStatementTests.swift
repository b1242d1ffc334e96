import Foundation
import Testing

/// Statements of a shape that a distributed database does not take, which `deploy/citus/README.md` lists.
@Suite struct DistributedStatementTests {
    private enum Shape: String {
        case lock, lateral, setConfig, recursive, serializable
    }

    /// Those there are today.
    ///
    /// A file that is mended leaves this list and the README's.
    private static let known: [String: Set<Shape>] = [
        "api-gateway/APIGateway/Erasures/ErasureStore.swift": [.lock],
        "customer-service/CustomerService/Inbound/SenderStore.swift": [.lock],
        "customer-service/CustomerService/Policies/SendStore.swift": [.lock],
        "messaging-service/MessagingService/Claims/ClaimStore.swift": [.lock],
        "messaging-service/MessagingService/Claims/SweepQueue.swift": [.lateral],
        "messaging-service/MessagingService/Deliveries/ProviderEventStore.swift": [.lateral],
        "messaging-service/MessagingService/Deliveries/SettlementStore.swift": [.lock],
        "messaging-service/MessagingService/Flows/FlowStore.swift": [.lock],
        "messaging-service/MessagingService/Metrics/QueueSampleStore.swift": [.lateral],
        "messaging-service/MessagingService/Queue/QueueStore.swift": [.lock],
        "messaging-service/MessagingService/Templates/TemplateStore.swift": [.lateral],
        "Resealing/SealedColumn.swift": [.lock],
    ]
    /// Tables that are whole on every node, where any shape is taken.
    private static let whole: Set<Substring> = [
        "account_directory", "engine_state", "inbox_presence", "key_directory", "number_directory", "slug_directory",
        "workers",
    ]

    @Test func noOthersHaveComeAndNoneIsListedInVain() throws {
        var found: [String: Set<Shape>] = [:]
        var statements = 0
        for file in try Sources.files(below: "Services") + Sources.files(below: "Shared")
        where !file.path.hasPrefix("Shared/TestSupport/") {
            let literals = Self.literals(in: file.lines.joined(separator: "\n"))
            statements += literals.count
            let shapes = Set(literals.flatMap(Self.shapes(of:)))
            let name = file.path.split(separator: "/", maxSplits: 1)[1]
            if !shapes.isEmpty { found[String(name)] = shapes }
        }
        #expect(statements > 300)
        #expect(found == Self.known)
    }

    @Test func theReadmeNamesThem() throws {
        let text = try String(contentsOf: Sources.root.appending(path: "deploy/citus/README.md"), encoding: .utf8)
        for path in Self.known.keys {
            let short = path.dropLast(".swift".count).split(separator: "/").suffix(2).joined(separator: "/")
            #expect(text.contains(short), "\(short)")
        }
    }

    @Test func eachShapeIsSeen() {
        let samples: [(sql: String, shapes: Set<Shape>)] = [
            (#"SELECT * FROM lanes WHERE org_id = \(orgID) FOR UPDATE"#, []),
            ("SELECT * FROM lanes JOIN unnest() k ON true FOR UPDATE OF lanes SKIP LOCKED", [.lock]),
            ("SELECT 1 FROM customers FOR KEY SHARE", [.lock]),
            ("SELECT 1 FROM workers FOR SHARE", []),
            ("SELECT 1 FROM flows CROSS JOIN LATERAL (SELECT 1 FROM outbox LIMIT 1) o", [.lateral]),
            ("SELECT set_config('app.org_ids', '', true)", [.setConfig]),
            (#"WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r WHERE org_id = \(orgID)"#, [.recursive]),
            ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", [.serializable]),
        ]
        for sample in samples { #expect(Self.shapes(of: sample.sql) == sample.shapes, "\(sample.sql)") }
    }

    private static func shapes(of sql: String) -> Set<Shape> {
        var shapes: Set<Shape> = []
        if sql.contains("set_config(") { shapes.insert(.setConfig) }
        if sql.contains("RECURSIVE") { shapes.insert(.recursive) }
        if sql.contains("SERIALIZABLE") { shapes.insert(.serializable) }
        let tables = sql.matches(of: /(?:FROM|JOIN|UPDATE|INTO) ([a-z_]+)/).map(\.1)
        // One organization's rows lie on one node, which takes anything.
        if sql.contains(/org_id\s*=\s*\\\(/) || Set(tables).isSubset(of: self.whole) { return shapes }
        if sql.contains("LATERAL") { shapes.insert(.lateral) }
        if sql.contains(/FOR (?:NO KEY )?(?:UPDATE|SHARE)|FOR KEY SHARE/) { shapes.insert(.lock) }
        return shapes
    }

    /// The literals of a source that hold a statement.
    private static func literals(in source: String) -> [String] {
        let parts = source.components(separatedBy: "\"\"\"")
        let long = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        let short = parts.enumerated().filter { $0.offset % 2 == 0 }.flatMap { part in
            part.element.matches(of: /"((?:[^"\\\n]|\\.)*)"/).map { String($0.1) }
        }
        return (long + short).filter { $0.contains(/\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|SET)\s/) }
    }
}
