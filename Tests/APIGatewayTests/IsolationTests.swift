import APIGateway
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(1)))
struct IsolationTests {
    /// On every route with an id, whatever is not the caller's own is as unknown as what nobody has.
    @Test func everythingThatIsNotOnesOwnIsTheSame404() async throws {
        try await Gateway.run { gateway in
            let (orgA, keyA) = try await gateway.tenant("A")
            let (_, keyB) = try await gateway.tenant("B")
            let withID = gateway.routes.filter { $0.path.contains("{id}") }
            #expect(withID.count >= 8)
            for route in withID {
                let isOperators = route.path.hasPrefix("/api/v1/orgs")
                let others = isOperators ? orgA : keyA.id
                let odd = ["urn:uuid:\(others)", "{\(others)}", "%7B\(others)%7D", "..%2f\(others)", "1", "%00", "\(others)%20"]
                var bodies: Set<String> = []
                for id in [others, MessageID.new().description] + odd {
                    let body = route.method == "POST" || route.method == "PATCH" ? #"{"name":"x"}"# : nil
                    let target = route.path.replacing("{id}", with: id)
                        .replacing("{", with: "%7B").replacing("}", with: "%7D")
                    let answer = try await gateway.call(
                        HTTPMethod(rawValue: route.method), target, key: keyB.secret, body: body
                    )
                    #expect(answer.status == 404, "\(route.method) \(target)")
                    bodies.insert(answer.bodyWithoutRequestID)
                }
                #expect(bodies.count == 1, "\(route): \(bodies)")
            }
            #expect(try await gateway.call(.GET, "/api/v1/org", key: keyA.secret).status == 200)
        }
    }

    @Test func anothersCursorIsRefused() async throws {
        try await Gateway.run { gateway in
            let (orgA, keyA) = try await gateway.tenant("A")
            _ = try await gateway.key(of: orgA)
            let page = try await gateway.call(.GET, "/api/v1/keys?limit=1", key: keyA.secret).json
            let cursor = try #require(page["next_cursor"]?.string)
            let keyB = try await gateway.tenant("B").key
            let answer = try await gateway.call(.GET, "/api/v1/keys?cursor=\(cursor)", key: keyB.secret)
            #expect(answer.status == 400)
            #expect(answer.code == "invalid-query")
        }
    }

    @Test func everyTableOfAnOrganizationIsUnderForcedRowLevelSecurity() async throws {
        let tables = try await TestDatabase.connection.query(
            """
            SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS is_forced,
                   (SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns,
                   (SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                     WHERE i.indrelid = c.oid AND a.attname <> 'org_id') AS other_indexes
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'migrations'
             ORDER BY c.relname
            """
        )
        var names: [String] = []
        for table in tables {
            let name: String = try table.get("name")
            names.append(name)
            if name.hasSuffix("_directory") {
                // Ids and a slug, nothing else.
                #expect(try table.get("columns", as: Int.self) <= 2, "\(name)")
            } else {
                #expect(try table.get("is_forced"), "\(name)")
                #expect(try table.get("other_indexes", as: Int.self) == 0, "\(name)")
            }
        }
        #expect(names == ["api_keys", "audit_events", "key_directory", "org_directory", "orgs", "slug_directory"])
    }

    @Test(arguments: ["orgs", "api_keys", "audit_events"])
    func withoutAnOrganizationNoRowIsRead(table: String) async throws {
        let connection = TestDatabase.connection
        await #expect(throws: PostgresError.self) { try await connection.execute(script: "SELECT * FROM \(table)") }
        try await connection.transaction(for: [.new()]) { connection in
            // The role is neither the owner nor a superuser, so the policy holds.
            try connection.execute(script: "SET LOCAL row_security = on")
        }
    }

    @Test func nothingOfAKeyButItsMACIsStored() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let id = try #require(OrgID(org))
            let dump = try await TestDatabase.connection.transaction(for: [id]) { connection in
                try connection.query(
                    """
                    SELECT (SELECT string_agg(k::text, ' ') FROM api_keys k)
                        || (SELECT string_agg(a::text, ' ') FROM audit_events a) AS dump
                    """
                ).map { try $0.get("dump", as: String.self) }.joined()
            }
            #expect(dump.contains(key.id))
            #expect(!dump.contains(key.secret.suffix(49).prefix(20)))
            let list = try await gateway.call(.GET, "/api/v1/keys", key: key.secret)
            #expect(list.status == 200 && !list.body.contains("secret"))
        }
    }
}
