import APIGateway
import HTTPService
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Every route of another service that a tenant reaches, one by one; their scopes are in `ScopeTests`.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct ForwardedRouteTests {
    struct Route: Sendable {
        let method: HTTPMethod
        /// Under `/api/v1`; under `/internal` it has the same name.
        let path: String
        let body: String?
        let service: @Sendable (Gateway) -> StubService

        init(
            _ method: HTTPMethod,
            _ path: String,
            _ body: String? = nil,
            of service: @escaping @Sendable (Gateway) -> StubService = \.messaging
        ) {
            self.method = method
            self.path = path
            self.body = body
            self.service = service
        }
    }

    private static let routes: [Route] = [
        Route(.POST, "/messages", #"{"to":"+15550000001"}"#),
        Route(.GET, "/messages?status=failed,skipped&limit=2"),
        Route(.POST, "/messages/batch", #"{"messages":[]}"#),
        Route(.POST, "/messages/bulk", #"{"action":"cancel", "ids":["x"]}"#),
        Route(.GET, "/messages/ID"),
        Route(.PATCH, "/messages/ID", #"{ "scheduled_at":null,"body":"ü"}"#),
        Route(.DELETE, "/messages/ID"),
        Route(.GET, "/messages/ID/timeline"),
        Route(.GET, "/messages/ID/attachments/N"),
        Route(.POST, "/messages/ID/cancel"),
        Route(.POST, "/messages/ID/retry", "{}"),
        Route(.POST, "/messages/ID/send-now"),
        Route(.POST, "/messages/ID/resolve", #"{"outcome":"sent"}"#),
        Route(.GET, "/conversations/ID/messages?limit=3"),
        Route(.POST, "/conversations/ID/messages", #"{"body":"Hi"}"#),
        Route(.GET, "/jobs?limit=3"),
        Route(.GET, "/jobs/ID"),
        Route(.GET, "/failed?channel=sms&error_code=30007"),
        Route(.POST, "/failed/flush", #"{"confirm":true}"#),
        Route(.POST, "/channel-accounts", #"{"channel":"sandbox"}"#),
        Route(.GET, "/channel-accounts"),
        Route(.GET, "/channel-accounts/ID"),
        Route(.PATCH, "/channel-accounts/ID", #"{"settings":{"burst":null}}"#),
        Route(.DELETE, "/channel-accounts/ID"),
        Route(.POST, "/channel-accounts/ID/park", #"{"reason":"x"}"#),
        Route(.POST, "/channel-accounts/ID/resume"),
        Route(.POST, "/channel-accounts/ID/check"),
        Route(.POST, "/broadcasts?dry_run=true", #"{"name":"spring","recipients":[{"to":"+15550000001"}]}"#),
        Route(.GET, "/broadcasts?status=running,paused"),
        Route(.GET, "/broadcasts/ID"),
        Route(.GET, "/broadcasts/ID/recipients?state=refused"),
        Route(.GET, "/broadcasts/ID/messages?status=failed"),
        Route(.POST, "/broadcasts/ID/pause"),
        Route(.POST, "/broadcasts/ID/resume"),
        Route(.POST, "/broadcasts/ID/cancel"),
        Route(.POST, "/broadcasts/ID/retry"),
        Route(.POST, "/templates", #"{"code":"hi","channel":"sms"}"#),
        Route(.GET, "/templates?code=hi&channel=sms,email&language=en"),
        Route(.POST, "/templates/preview", #"{"template":{}}"#),
        Route(.GET, "/templates/ID?version=2"),
        Route(.PATCH, "/templates/ID", #"{"body":"{{x}}"}"#),
        Route(.DELETE, "/templates/ID"),
        Route(.GET, "/templates/ID/versions"),
        Route(.POST, "/templates/ID/preview", #"{"parameters":{"x":"1"}}"#),
        Route(.POST, "/queue/pause"),
        Route(.POST, "/queue/continue", "{}"),
        Route(.GET, "/queue"),
        Route(.GET, "/clock"),
        Route(.POST, "/clock/advance", #"{"by":"7h21m"}"#),
        Route(.GET, "/stats/queue"),
        Route(.GET, "/stats/deliveries?since=2026-12-01T00:00:00Z"),
        Route(.GET, "/conversations?status=open&unassigned=true", of: \.conversations),
        Route(.GET, "/conversations/ID", of: \.conversations),
        Route(.POST, "/conversations/ID/assign", #"{"assignee":null}"#, of: \.conversations),
        Route(.POST, "/conversations/ID/close", of: \.conversations),
        Route(.POST, "/conversations/ID/reopen", "{}", of: \.conversations),
        Route(.POST, "/conversations/ID/read", of: \.conversations),
        Route(.POST, "/channel-accounts/ID/backfill", #"{"since":"2026-11-01T00:00:00Z"}"#, of: \.inbox),
        Route(.GET, "/webhook-events?state=failed", of: \.inbox),
        Route(.POST, "/webhook-events/replay", #"{"state":"failed"}"#, of: \.inbox),
        Route(.GET, "/webhook-events/ID", of: \.inbox),
        Route(.POST, "/webhook-events/ID/replay", of: \.inbox),
        Route(.POST, "/customers", #"{"name":"Ann"}"#, of: \.customers),
        Route(.POST, "/customers/batch", #"{"customers":[]}"#, of: \.customers),
        Route(.GET, "/customers/ID/sends"),
        Route(.GET, "/sends?channel=sms&address=%2B14155550100"),
        Route(.GET, "/customers?q=ann&field.tier=gold", of: \.customers),
        Route(.GET, "/customers/ID", of: \.customers),
        Route(.PATCH, "/customers/ID", #"{"name":null}"#, of: \.customers),
        Route(.POST, "/customers/ID/merge", #"{"from":"x"}"#, of: \.customers),
        Route(.POST, "/customers/ID/identities", #"{"kind":"phone"}"#, of: \.customers),
        Route(.DELETE, "/customers/ID/identities?kind=email&value=ann%40example.com", of: \.customers),
        Route(.PUT, "/customers/ID/consents", #"{"channel":"sms"}"#, of: \.customers),
        Route(.GET, "/customers/ID/consents", of: \.customers),
        Route(.GET, "/customers/ID/consents/history?limit=3", of: \.customers),
        Route(.POST, "/suppressions", #"{"address":"+14155550100"}"#, of: \.customers),
        Route(.GET, "/suppressions?address=%2B14155550100", of: \.customers),
        Route(.GET, "/suppressions/ID", of: \.customers),
        Route(.DELETE, "/suppressions/ID", of: \.customers),
        Route(.POST, "/groups", #"{"name":"vip"}"#, of: \.customers),
        Route(.GET, "/groups", of: \.customers),
        Route(.GET, "/groups/ID", of: \.customers),
        Route(.PATCH, "/groups/ID", #"{"name":"vip"}"#, of: \.customers),
        Route(.DELETE, "/groups/ID", of: \.customers),
        Route(.POST, "/groups/ID/members", #"{"customer_ids":[]}"#, of: \.customers),
        Route(.GET, "/groups/ID/members?limit=3", of: \.customers),
        Route(.DELETE, "/groups/ID/members?customer_id=x", of: \.customers),
    ]

    @Test func everyRouteReachesItsServiceWithItsBody() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for service in [gateway.messaging, gateway.conversations, gateway.customers, gateway.inbox] {
                service.answer { _ in StubService.json(.ok, #"{ "answer":1.0}"#) }
            }
            for route in Self.routes {
                let service = route.service(gateway)
                let path = route.path.replacing("ID", with: MessageID.new().description).replacing("N", with: "12")
                let count = service.calls.count
                let answer = try await gateway.call(route.method, "/api/v1\(path)", key: key.secret, body: route.body)
                #expect(answer.status == 200, "\(route)")
                #expect(answer.body == #"{ "answer":1.0}"#, "\(route)")
                let calls = service.calls.dropFirst(count)
                #expect(calls.count == 1, "\(route)")
                let call = try #require(calls.first)
                #expect(call.method == route.method.rawValue, "\(route)")
                #expect(call.target == "/internal\(path)", "\(route)")
                #expect(call.body == route.body ?? "", "\(route)")
                #expect(call.header("herald-org") == org, "\(route)")
                #expect(call.header("herald-actor") == "key:\(key.id)", "\(route)")
            }
        }
    }

    @Test func theTableIsComplete() async throws {
        try await Gateway.run { gateway in
            let tested = Self.routes.map { route in
                let path = route.path.prefix { $0 != "?" }.replacing("ID", with: "{id}").replacing("N", with: "{n}")
                return APIGatewayApp.Route(method: route.method.rawValue, path: "/api/v1\(path)")
            }
            // What the gateway answers by itself.
            let own = [
                "/api/v1/org", "/api/v1/keys", "/api/v1/audit-", "/api/v1/queue/restart", "/api/v1/erasures",
                "/api/v1/restore",
                "/api/v1/outbound",
            ]
            let ends = ["/activities", "/erase", "/export"]
            let forwarded = gateway.routes.filter { route in
                route.path.hasPrefix("/api/v1") && !own.contains { route.path.hasPrefix($0) }
                    && !ends.contains { route.path.hasSuffix($0) }
                    && !(route.method == "DELETE" && route.path == "/api/v1/customers/{id}")
            }
            #expect(Set(tested) == Set(forwarded))
            #expect(tested.count == forwarded.count)
        }
    }

    /// A thousand ids, or hours of a clock, are as much work as a batch.
    @Test(arguments: [
        ("/messages/bulk", 400), ("/clock/advance", 400), ("/messages/ID/cancel", 0), ("/queue/pause", 0),
    ])
    func longWorkHasLongDeadlines(path: String, leastMilliseconds: Int) async throws {
        var deadlines = ForwardDeadlines()
        deadlines.ordinary = .milliseconds(50)
        deadlines.batch = .milliseconds(400)
        try await Gateway.run(deadlines: deadlines) { gateway in
            let (_, key) = try await gateway.tenant()
            let (gate, release) = AsyncStream.makeStream(of: Void.self)
            defer { release.finish() }
            gateway.messaging.answer { _ in
                for await _ in gate {}
                return StubService.json(.ok, "{}")
            }
            let target = "/api/v1\(path.replacing("ID", with: MessageID.new().description))"
            let start = ContinuousClock.now
            let answer = try await gateway.call(.POST, target, key: key.secret, body: "{}")
            #expect(answer.status == 503)
            #expect(ContinuousClock.now - start >= .milliseconds(leastMilliseconds))
        }
    }

    @Test func anEmptyAnswerStaysEmpty() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in StubService.json(.noContent, "") }
            let answer = try await gateway.call(.DELETE, "/api/v1/messages/\(MessageID.new())", key: key.secret)
            #expect(answer.status == 204)
            #expect(answer.body.isEmpty)
        }
    }

    @Test func aRefusalArrivesAsItself() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let refusal = Problem(code: "message-in-flight", status: 409, title: "The message is being sent.")
            gateway.messaging.answer { refusal.response(requestID: $0.header("x-request-id") ?? "") }
            for (method, path) in [(HTTPMethod.PATCH, ""), (.DELETE, ""), (.POST, "/cancel")] {
                let answer = try await gateway.call(
                    method,
                    "/api/v1/messages/\(MessageID.new())\(path)",
                    key: key.secret,
                    body: method == .DELETE ? nil : "{}"
                )
                #expect(answer.status == 409, "\(method)")
                #expect(answer.code == "message-in-flight", "\(method)")
                #expect(answer.headers.first(name: "content-type") == "application/problem+json", "\(method)")
            }
        }
    }
}
