import APIGateway
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Requests that mean one thing to us and another to somebody before us.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct RequestTrickTests {
    private static let paths = [
        "/api/v1/%252e%252e/internal/messages", "/api/v1/messages%00", "/api/v1/%00/messages", "/api/v1/Messages",
        "/API/v1/messages", "/api/v1/messages/%c0%ae%c0%ae/x", "/api/v1/messages%2f", "/api/v1/messages;a=b/x",
        "/api/v1/messages%20", "/api/v1/.%2e/v1/messages", "/api/v1/%6dessages/../keys", "/api/v1/messages/..;/keys",
        "/internal/engine/queue", "/api/v1/internal/messages",
    ]

    @Test func noWritingOfAPathLeadsAnywhereElse() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for path in Self.paths {
                let socket = try RawSocket(port: gateway.port)
                defer { socket.finish() }
                // A client of manners would tidy the path.
                socket.send(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \(key.secret)\r\n\r\n"
                )
                let answer = try #require(await socket.readAll())
                #expect(answer.hasPrefix("HTTP/1.1 404 "), "\(path): \(answer)")
            }
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    private static let noRequests = [
        "get /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n", "GET /healthz\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHo\u{0}st: a\r\n\r\n", "GET /healthz HTTP/1.1\r\nX: a\u{0}b\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\nHost: a\rX: y\n\n",
    ]

    @Test func whatIsNoRequestIs400() async throws {
        try await Gateway.run { gateway in
            for text in Self.noRequests {
                let socket = try RawSocket(port: gateway.port)
                defer { socket.finish() }
                socket.send(text)
                let answer = try #require(await socket.readAll())
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(text): \(answer)")
            }
        }
    }

    /// Whoever reads the first and whoever reads the last of two must not see different requests.
    @Test func headersThatStandTwiceAreNotOneOfThem() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant("A")
            let (other, otherKey) = try await gateway.tenant("B")
            let keys = [("Authorization", "Bearer \(key.secret)"), ("Authorization", "Bearer \(otherKey.secret)")]
            #expect(try await gateway.call(.GET, "/api/v1/org", keys).status == 401)
            let names = [("X-Org-Id", org), ("X-Org-Id", other)]
            let operated = try await gateway.call(.GET, "/api/v1/org", key: Gateway.operatorKey, names)
            #expect(operated.code == "org-id-required")
            let twice = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
            let created = try await gateway.call(.POST, "/api/v1/messages", key: key.secret, twice, body: "{}")
            #expect(created.code == "idempotency-key-invalid")
            let types = [("Content-Type", "application/json"), ("Content-Type", "text/plain")]
            let typed = try await gateway.call(.POST, "/api/v1/keys", key: key.secret, types, body: #"{"name":"x"}"#)
            #expect(typed.status == 415)
        }
    }

    /// A key in a URL is refused, in whatever writing, and stands in no line of any log.
    @Test func aKeyInAURLIsInNoLog() async throws {
        let lines = LogLines()
        try await Gateway.run(logger: lines.logger) { gateway in
            let (_, key) = try await gateway.tenant()
            let escaped = key.secret.replacing("_", with: "%5F")
            for target in ["/api/v1/org?k=\(key.secret)", "/api/v1/org?k=\(escaped)", "/api/v1/org?\(key.secret)"] {
                #expect(try await gateway.call(.GET, target, key: key.secret).status == 401, "\(target)")
            }
            #expect(try await gateway.call(.GET, "/api/v1/messages/\(key.secret)", key: key.secret).status == 404)
            #expect(try await gateway.call(.GET, "/\(key.secret)").status == 404)
            gateway.messaging.answer { _ in throw Problem.internal }
            #expect(try await gateway.call(.GET, "/api/v1/messages?reference=x", key: key.secret).status >= 500)
            let secret = String(key.secret.suffix(49).prefix(43))
            let logged = lines.all
            #expect(!logged.isEmpty)
            #expect(!logged.contains { $0.contains(secret) || $0.contains("reference=x") })
        }
    }
}
