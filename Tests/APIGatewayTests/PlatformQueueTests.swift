import APIGateway
import HTTPService
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// The routes under `/queue`, which with the operator's key and no organization mean everything.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct PlatformQueueTests {
    private static let answer = #"{"data":[],"paused":true,"paused_at":"2026-12-01T08:00:00Z","paused_by":"operator"}"#

    @Test(arguments: [
        (HTTPMethod.POST, "/queue/pause", "/internal/engine/pause"),
        (.POST, "/queue/continue", "/internal/engine/continue"),
        (.POST, "/queue/restart", "/internal/engine/restart"),
        (.GET, "/queue", "/internal/engine/queue"),
    ])
    func withoutAnOrganizationItMeansEverything(method: HTTPMethod, path: String, target: String) async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer { _ in StubService.json(.ok, Self.answer) }
            let bodies: [String?] = method == .GET ? [nil] : [nil, "{}"]
            for body in bodies {
                let answer = try await gateway.operate(method, "/api/v1\(path)", body: body)
                #expect(answer.status == 200)
                #expect(try answer.json == JSONValue(parsing: Self.answer))
            }
            for call in gateway.messaging.calls {
                #expect(call.method == method.rawValue)
                #expect(call.target == target)
                #expect(call.body == (method == .GET ? "" : #"{"actor":"operator"}"#))
                #expect(call.header("authorization")?.hasPrefix("Bearer ") == true)
                for header in ["herald-org", "herald-actor", "herald-mode"] {
                    #expect(call.header(header) == nil, "\(header)")
                }
            }
            #expect(gateway.messaging.calls.count == bodies.count)
        }
    }

    @Test(arguments: [(HTTPMethod.POST, "/queue/pause"), (.POST, "/queue/continue"), (.GET, "/queue")])
    func withAnOrganizationItMeansThatOne(method: HTTPMethod, path: String) async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant("A")
            let other = try await gateway.org("B")
            gateway.messaging.answer { _ in StubService.json(.ok, "{}") }
            let operators = try await gateway.operate(method, "/api/v1\(path)", for: org)
            // A tenant's key means its own organization, whatever the header says.
            let tenants = try await gateway.call(method, "/api/v1\(path)", key: key.secret, [("X-Org-Id", other)])
            #expect(operators.status == 200 && tenants.status == 200)
            #expect(gateway.messaging.calls.map(\.target) == ["/internal\(path)", "/internal\(path)"])
            #expect(gateway.messaging.calls.map { $0.header("herald-org") } == [org, org])
            #expect(gateway.messaging.calls.map { $0.header("herald-actor") } == ["operator", "key:\(key.id)"])
        }
    }

    /// A header that was meant to name one organization must not stop them all.
    @Test(arguments: ["", "Acme", "00000000-0000-7000-8000-000000000000,", "{00000000-0000-7000-8000-000000000000}"])
    func anOrganizationThatIsNoIDIsRefused(name: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.operate(.POST, "/api/v1/queue/pause", for: name)
            #expect(answer.status == 400)
            #expect(answer.code == "org-id-required")
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func anUnknownOrganizationIs404() async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.operate(.POST, "/api/v1/queue/pause", for: OrgID.new().description)
            #expect(answer.status == 404)
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func restartingIsTheOperators() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let refused = try await gateway.call(.POST, "/api/v1/queue/restart", key: key.secret)
            #expect(refused.status == 403)
            #expect(refused.code == "operator-only")
            #expect(gateway.messaging.calls.isEmpty)
            gateway.messaging.answer { _ in StubService.json(.ok, #"{"restart_at":"2026-12-01T08:00:00Z"}"#) }
            #expect(try await gateway.operate(.POST, "/api/v1/queue/restart", for: org).status == 200)
            #expect(gateway.messaging.calls.map(\.target) == ["/internal/engine/restart"])
        }
    }

    @Test func aRestoreIsReconciledByTheOperator() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for (method, path) in [(HTTPMethod.GET, "/restore"), (.POST, "/restore/reconcile")] {
                let refused = try await gateway.call(method, "/api/v1\(path)", key: key.secret)
                #expect(refused.status == 403)
                #expect(refused.code == "operator-only")
            }
            gateway.messaging.answer { _ in StubService.json(.ok, #"{"fenced":false}"#) }
            #expect(try await gateway.operate(.GET, "/api/v1/restore").status == 200)
            let body = #"{"lost_journals":["herald-2"]}"#
            #expect(try await gateway.operate(.POST, "/api/v1/restore/reconcile", body: body).status == 200)
            #expect(
                gateway.messaging.calls.map(\.target) == [
                    "/internal/engine/restore", "/internal/engine/restore/reconcile",
                ]
            )
            let sent = try JSONValue(parsing: gateway.messaging.calls.last?.body ?? "")
            #expect(sent["actor"] == "operator")
            #expect(sent["lost_journals"] == ["herald-2"])
        }
    }

    @Test(arguments: [
        (#"{"lost_journals":[""]}"#, "/lost_journals/0"), (#"{"lost_journals":"all"}"#, "/lost_journals"),
        (#"{"force":true}"#, "/force"),
    ])
    func whatIsNoReconciliationIsNamed(body: String, pointer: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.operate(.POST, "/api/v1/restore/reconcile", body: body)
            #expect(answer.status == 422)
            let pointers = try answer.json["violations"]?.array?.map { $0["pointer"]?.string }
            #expect(pointers == [pointer])
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func whatTheRoutesDoNotTakeIsRefused() async throws {
        try await Gateway.run { gateway in
            let field = try await gateway.operate(.POST, "/api/v1/queue/pause", body: #"{"actor":"key:7"}"#)
            #expect(field.status == 422)
            #expect(try field.json["violations"]?[0]?["pointer"]?.string == "/actor")
            let broken = try await gateway.operate(.POST, "/api/v1/queue/pause", body: "{")
            #expect(broken.status == 400 && broken.code == "malformed-json")
            let query = try await gateway.operate(.GET, "/api/v1/queue?channel=sms")
            #expect(query.status == 400 && query.code == "invalid-query")
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test func aServiceThatIsAwayOrDoesNotTrustUsIs503() async throws {
        try await Gateway.run { gateway in
            let refusesOurToken: StubService.Handler = { _ in Problem.unauthorized.response(requestID: "") }
            for handler in [StubService.away, refusesOurToken] {
                gateway.messaging.answer(handler)
                for method in [HTTPMethod.GET, .POST] {
                    let path = method == .GET ? "/api/v1/queue" : "/api/v1/queue/pause"
                    let answer = try await gateway.operate(method, path)
                    #expect(answer.status == 503, "\(method)")
                    #expect(answer.headers.first(name: "retry-after") == "1", "\(method)")
                }
            }
        }
    }
}
