import APIGateway
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct IsolationTests {
    /// On every route with an id, whatever is not the caller's own is as unknown as what nobody has.
    @Test func everythingThatIsNotOnesOwnIsTheSame404() async throws {
        try await Gateway.run { gateway in
            let (orgA, keyA) = try await gateway.tenant("A")
            let (_, keyB) = try await gateway.tenant("B")
            let withID = gateway.routes.filter { $0.path.contains("{id}") }
            #expect(withID.count >= 18)
            for route in withID {
                let isOperators = route.path.hasPrefix("/api/v1/orgs")
                let others = isOperators ? orgA : keyA.id
                let odd = [
                    "urn:uuid:\(others)", "{\(others)}", "%7B\(others)%7D", "..%2f\(others)", "1", "%00",
                    "\(others)%20",
                ]
                var bodies: Set<String> = []
                for id in [others, MessageID.new().description] + odd {
                    let body = route.method == "POST" || route.method == "PATCH" ? #"{"name":"x"}"# : nil
                    let target = route.path.replacing("{id}", with: id)
                        .replacing("{", with: "%7B").replacing("}", with: "%7D")
                    let answer = try await gateway.call(
                        HTTPMethod(rawValue: route.method),
                        target,
                        key: keyB.secret,
                        body: body
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

    @Test func everyTableKeepsOrganizationsApart() async throws {
        let directories: Set = [
            "audit_unsealed", "erasures_due", "key_directory", "org_directory", "org_pushes", "slug_directory",
        ]
        let violations = try await TenantCatalog.violations(
            on: TestDatabase.connection,
            directoryTables: directories
        )
        #expect(violations == [])
    }

    @Test func theDirectoriesHoldIdsSlugsAndNumbersOnly() async throws {
        let columns = try await TestDatabase.connection.query(
            """
            SELECT table_name || '.' || column_name AS name FROM information_schema.columns
             WHERE table_schema = 'public' AND (right(table_name, 10) = '_directory' OR table_name = 'org_pushes')
             ORDER BY 1
            """
        ).map { try $0.get("name", as: String.self) }
        #expect(
            columns == [
                "key_directory.key_id", "key_directory.org_id", "org_directory.org_id", "org_pushes.org_id",
                "org_pushes.pushed", "org_pushes.pushed_to_conversations", "org_pushes.version",
                "slug_directory.org_id", "slug_directory.slug",
            ]
        )
    }

    @Test(arguments: ["orgs", "api_keys", "audit_events"])
    func withoutAnOrganizationNoRowIsRead(table: String) async throws {
        let connection = TestDatabase.connection
        await #expect(throws: PostgresError.self) { try await connection.readWithoutScope(table) }
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
