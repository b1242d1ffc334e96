import APIGateway
import AsyncHTTPClient
import Foundation
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(1)))
struct EdgeTests {
    @Test func otherMethodsOfAPathAre405WithAllow() async throws {
        try await Gateway.run { gateway in
            for method in [HTTPMethod.PUT, .DELETE, .OPTIONS, .TRACE, .HEAD] {
                let answer = try await gateway.call(method, "/api/v1/messages", key: Gateway.operatorKey)
                #expect(answer.status == 405, "\(method)")
                #expect(answer.headers.first(name: "allow") == "GET, POST", "\(method)")
            }
        }
    }

    @Test(arguments: ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
    func aMethodOverrideIs405(header: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.call(.GET, "/healthz", [(header, "DELETE")])
            #expect(answer.status == 405)
            #expect(answer.code == "method-not-allowed")
        }
    }

    @Test(arguments: [
        "/", "/internal/messages", "/api/v1", "/api/v1/internal/leases", "/api/v2/messages", "/metrics",
        "/api/v1/messages;x",
        "/api/v1/messages.", "/api/v1/..%2f..%2finternal/messages", "/api/v1/%2e%2e/%2e%2e/internal/messages",
    ])
    func unknownPathsAre404(path: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.call(.GET, path, key: Gateway.operatorKey)
            #expect(answer.status == 404)
            #expect(answer.code == "not-found")
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func ownBodiesHaveTheirLimit() async throws {
        try await Gateway.run { gateway in
            let large = #"{"name":"\#(String(repeating: "x", count: 256 * 1024))"}"#
            let answer = try await gateway.operate(.POST, "/api/v1/orgs", body: large)
            #expect(answer.status == 413)
            let text = try await gateway.call(
                .POST,
                "/api/v1/orgs",
                key: Gateway.operatorKey,
                [("content-type", "text/plain")],
                body: "{}"
            )
            #expect(text.status == 415)
        }
    }

    @Test func withoutTheDatabaseEverythingThatNeedsItIs503() async throws {
        let nowhere = "host=127.0.0.1 port=1 dbname=gateway user=gateway connect_timeout=1"
        try await Gateway.run(settings: ["postgres.url": nowhere]) { gateway in
            let key = KeyToken.make(.new(), mode: .live).text
            let answers = [
                try await gateway.call(.GET, "/api/v1/messages", key: key),
                try await gateway.operate(.GET, "/api/v1/orgs"),
                try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"A"}"#),
                try await gateway.call(.GET, "/readyz"),
            ]
            for answer in answers {
                #expect(answer.status == 503)
                #expect(answer.headers.first(name: "retry-after") != nil)
            }
            #expect(try await gateway.call(.GET, "/healthz").status == 200)
            #expect(try await gateway.call(.GET, "/api/v1/messages", key: "hk_live_x").status == 401)
        }
    }

    @Test(arguments: [
        ("operator.key", "fifteen-letters"), ("operator.key", "with spaces in it, long enough"),
        ("key.pepper", String(repeating: "p", count: 31)), ("messaging.url", "messaging-service"),
        ("customers.url", "http://"), ("conversations.url", "http://x?y"), ("service.token.secret", "short"),
    ])
    func aBadSettingStopsTheStart(key: String, value: String) async throws {
        let settings = Gateway.settings.merging([key: value]) { $1 }
        await #expect(throws: ConfigFailure.self) {
            _ = try await APIGatewayApp(reader: .test(settings), client: .shared, logger: .quiet)
        }
    }
}
