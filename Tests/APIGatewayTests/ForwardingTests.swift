import APIGateway
import HTTPService
import HTTPTypes
import NIOCore
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct ForwardingTests {
    @Test func aRequestAndItsAnswerPassUnchanged() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in
                StubService.json(
                    .accepted,
                    #"{ "id" :"x","ü":1.0}"#,
                    [.location: "/api/v1/messages/x", .idempotencyReplayed: "true", .server: "secret"]
                )
            }
            let body = #"{"to": "+15550000001",  "body":"ü"}"#
            let answer = try await gateway.call(
                .POST,
                "/api/v1/messages?dry_run=false",
                key: key.secret,
                [
                    ("Idempotency-Key", "\"order-17\""), ("X-Request-Id", "mine"), ("Herald-Org", "other"),
                    ("X-Org-Id", "o"),
                ],
                body: body
            )
            #expect(answer.status == 202)
            #expect(answer.body == #"{ "id" :"x","ü":1.0}"#)
            #expect(answer.headers.first(name: "location") == "/api/v1/messages/x")
            #expect(answer.headers.first(name: "idempotency-replayed") == "true")
            #expect(answer.headers.first(name: "content-type") == "application/json")
            #expect(answer.headers.first(name: "server") == nil)
            let call = try #require(gateway.messaging.calls.first)
            #expect(call.target == "/internal/messages?dry_run=false")
            #expect(call.body == body)
            #expect(call.header("idempotency-key") == "\"order-17\"")
            #expect(call.header("herald-org") == org)
            #expect(call.header("herald-actor") == "key:\(key.id)")
            #expect(call.header("herald-mode") == "live")
            #expect(call.header("x-org-id") == nil)
            let requestID = try #require(answer.headers.first(name: "x-request-id"))
            #expect(requestID != "mine" && call.header("x-request-id") == requestID)
        }
    }

    @Test(arguments: [("live", "false", "live"), ("test", "false", "test"), ("live", "true", "test")])
    func aSandboxOrganizationAndATestKeyActInTestMode(key: String, sandbox: String, mode: String) async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org(sandbox: sandbox)
            let secret = try await gateway.key(of: org, mode: key).secret
            _ = try await gateway.call(.GET, "/api/v1/messages", key: secret)
            #expect(gateway.messaging.calls.first?.header("herald-mode") == mode)
        }
    }

    /// In force with the next request, for the organization's own key as for the operator; and no caller can say it.
    @Test func theDefaultRegionGoesWithEachRequest() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for (setting, header) in [("null", nil), (#""DE""#, "DE"), (#""US""#, "US"), ("null", nil)] {
                let body = #"{"settings":{"default_region":\#(setting)}}"#
                #expect(try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: body).status == 200)
                _ = try await gateway.call(.GET, "/api/v1/messages", key: key.secret, [("Herald-Region", "FR")])
                #expect(gateway.messaging.calls.last?.header("herald-region") == header)
                _ = try await gateway.call(.GET, "/api/v1/customers", key: key.secret)
                #expect(gateway.customers.calls.last?.header("herald-region") == header)
                _ = try await gateway.operate(.GET, "/api/v1/messages", for: org)
                #expect(gateway.messaging.calls.last?.header("herald-region") == header)
            }
        }
    }

    @Test func theLeastLeadOfASchedulingGoesWithEachRequest() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for (setting, header) in [("null", nil), ("5", "5"), ("1e1", "10"), ("0", nil)] {
                let body = #"{"settings":{"schedule_lead_minutes":\#(setting)}}"#
                #expect(try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: body).status == 200)
                _ = try await gateway.call(.GET, "/api/v1/messages", key: key.secret, [("Herald-Schedule-Lead", "0")])
                #expect(gateway.messaging.calls.last?.header("herald-schedule-lead") == header)
                _ = try await gateway.operate(.GET, "/api/v1/messages", for: org)
                #expect(gateway.messaging.calls.last?.header("herald-schedule-lead") == header)
            }
        }
    }

    @Test func theOperatorIsNamed() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            _ = try await gateway.operate(.GET, "/api/v1/stats/queue", for: org)
            #expect(gateway.messaging.calls.first?.header("herald-actor") == "operator")
            #expect(gateway.messaging.calls.first?.header("herald-org") == org)
        }
    }

    @Test(arguments: [
        "/api/v1/messages/ID", "/api/v1/messages/ID/timeline", "/api/v1/channel-accounts/ID",
        "/api/v1/stats/deliveries?since=x",
    ])
    func pathsAndQueriesReachTheirService(path: String) async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let id = MessageID.new().description
            _ = try await gateway.call(.GET, path.replacing("ID", with: id.uppercased()), key: key.secret)
            let expected = path.replacing("/api/v1", with: "/internal").replacing("ID", with: id)
            #expect(gateway.messaging.calls.map(\.target) == [expected])
        }
    }

    @Test(arguments: ["", "a b", "\u{e9}", String(repeating: "k", count: 256)])
    func aBadIdempotencyKeyGoesNoFurther(key: String) async throws {
        try await Gateway.run { gateway in
            let secret = try await gateway.tenant().key.secret
            let answer = try await gateway.call(
                .POST,
                "/api/v1/messages",
                key: secret,
                [("Idempotency-Key", key)],
                body: "{}"
            )
            #expect(answer.status == 400)
            #expect(answer.code == "idempotency-key-invalid")
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func aServiceThatIsDownIs503WithRetryAfter() async throws {
        try await Gateway.run(settings: ["messaging.url": "http://127.0.0.1:1"]) { gateway in
            let (_, key) = try await gateway.tenant()
            for target in ["/api/v1/messages", "/api/v1/audit-events"] {
                let answer = try await gateway.call(.GET, target, key: key.secret)
                #expect(answer.status == 503, "\(target)")
                #expect(answer.code == "unavailable")
                #expect(answer.headers.first(name: "retry-after") == "1")
            }
            #expect(try await gateway.call(.GET, "/readyz").status == 200)
        }
    }

    @Test func aServiceThatHangsIs503WithinTheDeadline() async throws {
        var deadlines = ForwardDeadlines()
        deadlines.ordinary = .milliseconds(200)
        try await Gateway.run(deadlines: deadlines) { gateway in
            let (_, key) = try await gateway.tenant()
            let (gate, release) = AsyncStream.makeStream(of: Void.self)
            defer { release.finish() }
            gateway.messaging.answer { _ in
                for await _ in gate {}
                return StubService.json(.ok, "{}")
            }
            // The service answers when the test is over.
            let answer = try await gateway.call(.POST, "/api/v1/messages", key: key.secret, body: "{}")
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
        }
    }

    @Test func aRefusedServiceTokenIsNotTheCallersFault() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in Problem.unauthorized.response(requestID: "") }
            #expect(try await gateway.call(.GET, "/api/v1/messages", key: key.secret).status == 503)
        }
    }

    @Test func bodiesHaveTheirLimits() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { call in StubService.json(.ok, "{\"bytes\":\(call.bytes.readableBytes)}") }
            let limits = [
                ("/messages", 15 * 1024 * 1024), ("/messages/bulk", 256 * 1024),
                ("/messages/batch", 10 * 1024 * 1024),
                ("/broadcasts", 20 * 1024 * 1024),
            ]
            for (path, limit) in limits {
                let fits = try await gateway.call(
                    .POST,
                    "/api/v1\(path)",
                    key: key.secret,
                    body: String(repeating: "x", count: limit)
                )
                #expect(fits.status == 200, "\(path)")
                // Refused by what it announces, before it arrives.
                let tooLarge = try await gateway.announce(limit + 1, to: "/api/v1\(path)", key: key.secret)
                #expect(tooLarge.status == 413, "\(path)")
                #expect(tooLarge.code == "body-too-large")
            }
            #expect(gateway.messaging.calls.count == 4)
        }
    }

    @Test func aCompressedBodyIsRefused() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let answer = try await gateway.call(
                .POST,
                "/api/v1/messages",
                key: key.secret,
                [("Content-Encoding", "gzip")],
                body: "x"
            )
            #expect(answer.status == 415)
            #expect(gateway.messaging.calls.isEmpty)
        }
    }
}
