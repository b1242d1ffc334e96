import APIGateway
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct ScopeTests {
    /// Every route of an organization and the scope it needs.
    private static let routes: [(String, String, String)] = [
        ("POST", "/messages", "messages:write"), ("GET", "/messages", "messages:read"),
        ("POST", "/messages/batch", "messages:write"), ("POST", "/messages/bulk", "messages:write"),
        ("GET", "/messages/{id}", "messages:read"), ("PATCH", "/messages/{id}", "messages:write"),
        ("DELETE", "/messages/{id}", "messages:write"), ("GET", "/messages/{id}/timeline", "messages:read"),
        ("POST", "/messages/{id}/cancel", "messages:write"), ("POST", "/messages/{id}/retry", "messages:write"),
        ("POST", "/messages/{id}/send-now", "messages:write"), ("POST", "/messages/{id}/resolve", "messages:write"),
        ("GET", "/messages/{id}/attachments/{n}", "messages:read"),
        ("GET", "/conversations/{id}/messages", "messages:read"),
        ("POST", "/conversations/{id}/messages", "messages:write"),
        ("GET", "/jobs", "messages:read"), ("GET", "/jobs/{id}", "messages:read"),
        ("GET", "/failed", "messages:read"), ("POST", "/failed/flush", "messages:write"),
        ("POST", "/channel-accounts", "accounts:write"), ("GET", "/channel-accounts", "accounts:read"),
        ("GET", "/channel-accounts/{id}", "accounts:read"), ("PATCH", "/channel-accounts/{id}", "accounts:write"),
        ("DELETE", "/channel-accounts/{id}", "accounts:write"),
        ("POST", "/channel-accounts/{id}/park", "accounts:write"),
        ("POST", "/channel-accounts/{id}/resume", "accounts:write"),
        ("POST", "/channel-accounts/{id}/check", "accounts:write"),
        ("POST", "/queue/pause", "queue:write"), ("POST", "/queue/continue", "queue:write"),
        ("GET", "/queue", "stats:read"), ("GET", "/clock", "stats:read"), ("POST", "/clock/advance", "queue:write"),
        ("GET", "/stats/queue", "stats:read"), ("GET", "/stats/deliveries", "stats:read"),
        ("GET", "/webhook-events", "webhooks:read"), ("GET", "/webhook-events/{id}", "webhooks:read"),
        ("POST", "/channel-accounts/{id}/backfill", "webhooks:write"),
        ("POST", "/webhook-events/replay", "webhooks:write"), ("POST", "/webhook-events/{id}/replay", "webhooks:write"),
        ("GET", "/conversations", "conversations:read"), ("GET", "/conversations/{id}", "conversations:read"),
        ("POST", "/conversations/{id}/assign", "conversations:write"),
        ("POST", "/conversations/{id}/close", "conversations:write"),
        ("POST", "/conversations/{id}/reopen", "conversations:write"),
        ("POST", "/conversations/{id}/read", "conversations:write"),
        ("GET", "/conversations/{id}/activities", "conversations:read"),
        ("GET", "/customers/{id}/activities", "customers:read"),
        ("POST", "/customers", "customers:write"), ("GET", "/customers", "customers:read"),
        ("GET", "/customers/{id}", "customers:read"), ("PATCH", "/customers/{id}", "customers:write"),
        ("DELETE", "/customers/{id}", "customers:write"), ("GET", "/customers/{id}/export", "customers:export"),
        ("POST", "/customers/{id}/erase", "customers:erase"), ("GET", "/erasures", "customers:erase"),
        ("GET", "/erasures/{id}", "customers:erase"),
        ("POST", "/customers/{id}/merge", "customers:write"), ("POST", "/customers/{id}/identities", "customers:write"),
        ("DELETE", "/customers/{id}/identities", "customers:write"),
        ("PUT", "/customers/{id}/consents", "customers:write"), ("GET", "/customers/{id}/consents", "customers:read"),
        ("GET", "/customers/{id}/consents/history", "customers:read"), ("POST", "/suppressions", "customers:write"),
        ("GET", "/suppressions", "customers:read"), ("GET", "/suppressions/{id}", "customers:read"),
        ("DELETE", "/suppressions/{id}", "customers:write"), ("POST", "/groups", "customers:write"),
        ("GET", "/groups", "customers:read"), ("GET", "/groups/{id}", "customers:read"),
        ("PATCH", "/groups/{id}", "customers:write"), ("DELETE", "/groups/{id}", "customers:write"),
        ("POST", "/groups/{id}/members", "customers:write"), ("GET", "/groups/{id}/members", "customers:read"),
        ("DELETE", "/groups/{id}/members", "customers:write"),
        ("POST", "/customers/batch", "customers:write"), ("GET", "/customers/{id}/sends", "customers:read"),
        ("GET", "/sends", "customers:read"),
        ("POST", "/broadcasts", "broadcasts:write"), ("GET", "/broadcasts", "broadcasts:read"),
        ("GET", "/broadcasts/{id}", "broadcasts:read"), ("GET", "/broadcasts/{id}/recipients", "broadcasts:read"),
        ("GET", "/broadcasts/{id}/messages", "broadcasts:read"), ("POST", "/broadcasts/{id}/pause", "broadcasts:write"),
        ("POST", "/broadcasts/{id}/resume", "broadcasts:write"),
        ("POST", "/broadcasts/{id}/cancel", "broadcasts:write"),
        ("POST", "/broadcasts/{id}/retry", "broadcasts:write"),
        ("POST", "/templates", "templates:write"), ("GET", "/templates", "templates:read"),
        ("POST", "/templates/preview", "templates:write"), ("GET", "/templates/{id}", "templates:read"),
        ("PATCH", "/templates/{id}", "templates:write"), ("DELETE", "/templates/{id}", "templates:write"),
        ("GET", "/templates/{id}/versions", "templates:read"), ("POST", "/templates/{id}/preview", "templates:write"),
        ("GET", "/audit-events", "audit:read"), ("GET", "/audit-verification", "audit:read"),
        ("GET", "/org", "org:read"), ("PATCH", "/org", "org:write"),
        ("POST", "/keys", "keys:write"), ("GET", "/keys", "keys:read"), ("DELETE", "/keys/{id}", "keys:write"),
        ("GET", "/keys/{id}", "keys:read"),
        ("PATCH", "/keys/{id}", "keys:write"), ("POST", "/keys/{id}/rotate", "keys:write"),
        ("POST", "/outbound/messages", "messages:write"), ("GET", "/outbound/messages", "messages:read"),
        ("GET", "/outbound/messages/paginated", "messages:read"), ("GET", "/outbound/messages/{id}", "messages:read"),
        ("POST", "/outbound/messages/{id}/retry", "messages:write"),
    ]

    @Test func everyRouteNeedsItsScopeAndNoOther() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            let tenantRoutes = gateway.routes.filter { route in
                route.path.hasPrefix("/api/v1") && !route.path.hasPrefix("/api/v1/orgs")
                    && route.path != "/api/v1/queue/restart" && !route.path.hasPrefix("/api/v1/restore")
            }
            #expect(
                Set(tenantRoutes.map { "\($0.method) \($0.path)" }) == Set(Self.routes.map { "\($0.0) /api/v1\($0.1)" })
            )
            for service in [gateway.messaging, gateway.conversations, gateway.customers, gateway.inbox] {
                service.answer { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#) }
            }
            let names = Scope.allCases.map(\.rawValue).filter { $0 != "*" }
            var keys: [String: (only: Gateway.Key, without: Gateway.Key)] = [:]
            for name in names {
                let only = try await gateway.key(of: org, scopes: [name])
                keys[name] = (only, try await gateway.key(of: org, scopes: names.filter { $0 != name }))
            }
            for (method, path, scope) in Self.routes {
                let target =
                    "/api/v1" + path.replacing("{id}", with: MessageID.new().description).replacing("{n}", with: "0")
                let body = method == "GET" || method == "DELETE" ? nil : "{}"
                let pair = try #require(keys[scope])
                let refused = try await gateway.call(
                    HTTPMethod(rawValue: method),
                    target,
                    key: pair.without.secret,
                    body: body
                )
                #expect(refused.status == 403, "\(method) \(path)")
                #expect(refused.code == "missing-scope")
                #expect(try refused.json["detail"]?.string == "It needs \(scope).")
                let taken = try await gateway.call(
                    HTTPMethod(rawValue: method),
                    target,
                    key: pair.only.secret,
                    body: body
                )
                #expect(taken.status != 403 && taken.status != 401, "\(method) \(path)")
            }
        }
    }

    @Test func anUnknownScopeIsNamed() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let body = #"{"name":"x","scopes":["messages:read","messages:fly"]}"#
            let answer = try await gateway.call(.POST, "/api/v1/keys", key: key.secret, body: body)
            #expect(answer.status == 422)
            #expect(try answer.json["violations"]?[0]?["pointer"]?.string == "/scopes/1")
        }
    }

    @Test func aKeyGivesOnlyWhatItHas() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            let end = gateway.time.time.now() + .seconds(3600)
            let maker = try await gateway.key(
                of: org,
                scopes: ["keys:write", "messages:read"],
                mode: "test",
                more: #","expires_at":"\#(end)""#
            )
            let refused = [
                #"{"name":"x","scopes":["*"]}"#, #"{"name":"x","scopes":["messages:read","messages:write"]}"#,
                #"{"name":"x","mode":"live"}"#, #"{"name":"x","expires_at":"\#(end + .seconds(1))"}"#,
            ]
            for body in refused {
                let answer = try await gateway.call(.POST, "/api/v1/keys", key: maker.secret, body: body)
                #expect(answer.status == 403, "\(body)")
                #expect(answer.code == "key-exceeds-maker", "\(body)")
            }
            let made = try await gateway.call(.POST, "/api/v1/keys", key: maker.secret, body: #"{"name":"x"}"#)
            #expect(made.status == 201)
            #expect(try made.json["scopes"] == ["messages:read", "keys:write"])
            #expect(try made.json["mode"] == "test")
            #expect(try made.json["expires_at"]?.string == end.description)
        }
    }
}
