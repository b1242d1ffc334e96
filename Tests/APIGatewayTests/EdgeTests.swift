import APIGateway
import AsyncHTTPClient
import Foundation
import HTTPTypes
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct EdgeTests {
    @Test func otherMethodsOfAPathAre405WithAllow() async throws {
        try await Gateway.run { gateway in
            for method in [HTTPMethod.PUT, .DELETE, .TRACE, .PATCH] {
                let answer = try await gateway.call(method, "/api/v1/messages", key: Gateway.operatorKey)
                #expect(answer.status == 405, "\(method)")
                #expect(answer.headers.first(name: "allow") == "GET, HEAD, OPTIONS, POST", "\(method)")
            }
            #expect(try await gateway.call(.HEAD, "/api/v1/messages/batch").status == 405)
        }
    }

    /// What is allowed is said to everyone, and no page of another origin is let in.
    @Test func optionsTellsTheMethodsAndOpensNothing() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let preflight = [
                ("Origin", "https://example.com"), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "authorization"),
            ]
            let paths = [
                ("/api/v1/messages", "GET, HEAD, OPTIONS, POST"), ("/api/v1/messages/batch", "OPTIONS, POST"),
                ("/healthz", "GET, HEAD, OPTIONS"),
            ]
            for (path, allow) in paths {
                let answer = try await gateway.call(.OPTIONS, path, preflight)
                #expect(answer.status == 204 && answer.body.isEmpty)
                #expect(answer.headers.first(name: "allow") == allow)
                let origin = [("Origin", "https://example.com")]
                let read = try await gateway.call(.GET, "/api/v1/org", key: key.secret, origin)
                for headers in [answer.headers, read.headers] {
                    #expect(!headers.contains { $0.name.lowercased().hasPrefix("access-control") })
                }
            }
            #expect(try await gateway.call(.OPTIONS, "/api/v1/nothing").status == 404)
        }
    }

    @Test func headIsGetWithoutItsBody() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#) }
            for path in ["/api/v1/org", "/api/v1/messages", "/healthz", "/openapi.yaml", "/api/v1/keys"] {
                let get = try await gateway.call(.GET, path, key: key.secret)
                let head = try await gateway.call(.HEAD, path, key: key.secret)
                #expect(head.status == 200 && head.body.isEmpty, "\(path)")
                #expect(head.headers.first(name: "content-length") == "\(get.body.utf8.count)", "\(path)")
                #expect(head.headers.first(name: "etag") == get.headers.first(name: "etag"), "\(path)")
            }
            #expect(gateway.messaging.calls.map(\.method) == ["GET", "GET"])
            #expect(try await gateway.call(.HEAD, "/api/v1/org").status == 401)
            #expect(try await gateway.call(.HEAD, "/api/v1/messages/none", key: key.secret).status == 404)
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
            _ = try await APIGatewayApp(reader: .test(settings), client: .ofTest, logger: .quiet)
        }
    }
}
