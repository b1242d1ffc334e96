import APIGateway
import AsyncHTTPClient
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct RateLimitTests {
    private static let emptyList: StubService.Handler = { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#)
    }

    /// A new organization's key; `limit` is the organization's, as JSON.
    private func tenant(_ limit: String, _ gateway: Gateway) async throws -> (org: String, key: Gateway.Key) {
        let (org, key) = try await gateway.tenant()
        let body = "{\"rate_limit\":\(limit)}"
        let changed = try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: body)
        try #require(changed.status == 200, "\(changed.body)")
        return (org, key)
    }

    /// Asks until it is refused: the bucket fills by the database's clock meanwhile, however long the machine takes.
    ///
    /// From then on the gateway's own clock stands, and so it refuses everything.
    ///
    /// - Returns: how many requests passed, and the refusal.
    private func exhaust(_ key: String, _ gateway: Gateway) async throws -> (passed: Int, refused: Gateway.Answer) {
        var passed = 0
        while true {
            let answer = try await gateway.call(.GET, "/api/v1/messages", key: key)
            if answer.status == 429 { return (passed, answer) }
            try #require(answer.status == 200, "\(answer.body)")
            passed += 1
        }
    }

    @Test func aboveTheLimitIs429WithEverythingAClientNeeds() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer(Self.emptyList)
            let (_, key) = try await self.tenant(#"{"per_second":1,"burst":3}"#, gateway)
            let first = try await gateway.call(.GET, "/api/v1/messages", key: key.secret)
            #expect(first.status == 200)
            #expect(first.headers.first(name: "ratelimit-policy") == #""org";q=3;w=3"#)
            #expect(first.headers.first(name: "ratelimit") == #""org";r=2;t=1"#)
            let (passed, refused) = try await self.exhaust(key.secret, gateway)
            #expect(passed >= 2)
            #expect(refused.code == "rate-limited")
            #expect(refused.headers.first(name: "retry-after") == "1")
            #expect(refused.headers.first(name: "ratelimit")?.hasPrefix(#""org";r=0;t="#) == true)
            #expect(refused.headers.first(name: "content-type") == "application/problem+json")
            #expect(try refused.json["request_id"]?.string == refused.headers.first(name: "x-request-id"))
            #expect(gateway.messaging.calls.count == 1 + passed)
        }
    }

    /// Whatever a caller changes about a request, it is paid out of the same bucket; refusals cost as much.
    @Test func nothingInARequestLeadsToAnotherBucket() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer(Self.emptyList)
            let (org, key) = try await self.tenant(#"{"per_second":1,"burst":9}"#, gateway)
            let second = try await gateway.key(of: org).secret
            let requests: [(HTTPMethod, String, String, [(String, String)])] = [
                (
                    .GET, "/api/v1/messages", key.secret,
                    [("X-Forwarded-For", "198.51.100.1"), ("X-Real-IP", "1.1.1.1")]
                ),
                (.GET, "/api/v1/messages", key.secret, [("X-Org-Id", OrgID.new().description)]),
                (.GET, "/api/v1/messages?limit=1", second, [("User-Agent", "another")]),
                (.GET, "/api/v1/org", second, []), (.GET, "/api/v1/keys", key.secret, []),
                (.GET, "/api/v1/orgs", key.secret, []), (.GET, "/api/v1/messages/none", key.secret, []),
                (.GET, "/api/v1/stats/queue", key.secret, [("Connection", "close")]),
                (.DELETE, "/api/v1/keys/\(KeyToken.make(.new(), mode: .live).id)", second, []),
            ]
            for (method, target, secret, headers) in requests {
                let answer = try await gateway.call(method, target, key: secret, headers)
                #expect(answer.status != 429, "\(target)")
            }
            // A new bucket would have nine more, and the one there is one a second.
            #expect(try await self.exhaust(second, gateway).passed < 9)
            for (method, target, secret, headers) in requests {
                let answer = try await gateway.call(method, target, key: secret, headers)
                #expect(answer.status == 429, "\(target)")
            }
            let authorization = [("AUTHORIZATION", "bearer \(key.secret)")]
            #expect(try await gateway.call(.GET, "/api/v1/messages", authorization).status == 429)
            let third = try await gateway.key(of: org).secret
            #expect(try await gateway.call(.GET, "/api/v1/messages", key: third).status == 429)
        }
    }

    @Test func pipelinedRequestsAreCountedOneByOne() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer(Self.emptyList)
            let (_, key) = try await self.tenant(#"{"per_second":1,"burst":5}"#, gateway)
            let socket = try RawSocket(port: gateway.port)
            defer { socket.finish() }
            let request = "GET /api/v1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key.secret)\r\n"
            socket.send(String(repeating: request + "\r\n", count: 99) + request + "Connection: close\r\n\r\n")
            let answers = try #require(await socket.readAll())
            let (taken, refused) = (answers.ranges(of: "HTTP/1.1 200 "), answers.ranges(of: "HTTP/1.1 429 "))
            #expect((5..<50).contains(taken.count) && taken.count + refused.count == 100)
            #expect(gateway.messaging.calls.count == taken.count)
        }
    }

    @Test func aBatchCountsAsManyRequestsAsItHasElements() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer { _ in StubService.json(.init(code: 207), #"{"data":[]}"#) }
            gateway.customers.answer { _ in StubService.json(.init(code: 207), #"{"data":[]}"#) }
            let (_, key) = try await self.tenant(#"{"per_second":1,"burst":100}"#, gateway)
            func batch(_ path: String, _ name: String, _ count: Int) async throws -> Gateway.Answer {
                let elements = Array(repeating: "{}", count: count).joined(separator: ",")
                return try await gateway.call(.POST, path, key: key.secret, body: "{\"\(name)\":[\(elements)]}")
            }
            #expect(try await batch("/api/v1/messages/batch", "messages", 50).status == 207)
            #expect(try await batch("/api/v1/customers/batch", "customers", 30).status == 207)
            #expect(try await batch("/api/v1/messages/bulk", "ids", 10).status == 207)
            // Ten are left, and one more each second.
            let refused = try await batch("/api/v1/messages/batch", "messages", 95)
            #expect(refused.status == 429 && refused.code == "rate-limited")
            let never = try await batch("/api/v1/messages/batch", "messages", 150)
            #expect(never.status == 422 && never.code == "batch-exceeds-rate-limit")
            #expect(gateway.messaging.calls.count == 2 && gateway.customers.calls.count == 1)
        }
    }

    @Test func aKeysOwnLimitHoldsItAndNoOther() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer(Self.emptyList)
            let (org, wide) = try await self.tenant(#"{"per_second":1,"burst":10}"#, gateway)
            let more = #","rate_limit":{"per_second":1,"burst":2}"#
            let narrow = try await gateway.key(of: org, more: more)
            let first = try await gateway.call(.GET, "/api/v1/messages", key: narrow.secret)
            #expect(first.headers.first(name: "ratelimit-policy") == #""key";q=2;w=2, "org";q=10;w=10"#)
            let (passed, refused) = try await self.exhaust(narrow.secret, gateway)
            #expect(try refused.json["detail"] == "The limit of this key is used up.")
            for _ in 0..<20 {
                #expect(try await gateway.call(.GET, "/api/v1/messages", key: narrow.secret).status == 429)
            }
            // What the key was refused, the organization did not pay.
            let rest = try await self.exhaust(wide.secret, gateway)
            #expect(rest.passed >= 10 - (1 + passed))
            #expect(try rest.refused.json["detail"] == "The limit of this organization is used up.")
        }
    }

    @Test func oneOrganizationAtItsLimitChangesNothingForAnotherNorForTheOperator() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answer(Self.emptyList)
            let (org, loud) = try await self.tenant(#"{"per_second":1,"burst":1}"#, gateway)
            let (_, quiet) = try await gateway.tenant("Quiet")
            _ = try await self.exhaust(loud.secret, gateway)
            for _ in 0..<20 {
                let answer = try await gateway.call(.GET, "/api/v1/messages", key: quiet.secret)
                #expect(answer.status == 200)
            }
            let operated = try await gateway.operate(.GET, "/api/v1/messages", for: org)
            #expect(operated.status == 200 && operated.headers.first(name: "ratelimit") == nil)
        }
    }

    /// Two gateways and one database: together they let through what the limit says, whichever is asked.
    @Test func twoGatewaysKeepOneLimit() async throws {
        try await Gateway.run { first in
            try await Gateway.run { second in
                for gateway in [first, second] { gateway.messaging.answer(Self.emptyList) }
                let (_, key) = try await self.tenant(#"{"per_second":5,"burst":200}"#, first)
                let start = ContinuousClock.now
                let passed = try await withThrowingTaskGroup(of: Int.self) { tasks in
                    for lane in 0..<8 {
                        let gateway = lane % 2 == 0 ? first : second
                        tasks.addTask {
                            var passed = 0
                            for _ in 0..<100 {
                                gateway.time.advance(by: .milliseconds(1))
                                let status = try await gateway.call(.GET, "/api/v1/messages", key: key.secret).status
                                #expect(status == 200 || status == 429)
                                passed += status == 200 ? 1 : 0
                            }
                            return passed
                        }
                    }
                    return try await tasks.reduce(0, +)
                }
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                #expect(Double(passed) <= 200 + 5 * seconds)
                #expect(passed >= 200)
                #expect(first.messaging.calls.count > 0 && second.messaging.calls.count > 0)
            }
        }
    }

    @Test func aChangedLimitHoldsInAnotherGatewayAfterASecond() async throws {
        try await Gateway.run { first in
            try await Gateway.run { second in
                second.messaging.answer(Self.emptyList)
                let (org, key) = try await self.tenant(#"{"per_second":1,"burst":100}"#, first)
                #expect(try await second.call(.GET, "/api/v1/messages", key: key.secret).status == 200)
                let body = #"{"rate_limit":null}"#
                #expect(try await first.operate(.PATCH, "/api/v1/orgs/\(org)", body: body).status == 200)
                second.time.advance(by: .seconds(1))
                let answer = try await second.call(.GET, "/api/v1/messages", key: key.secret)
                #expect(answer.headers.first(name: "ratelimit-policy") == #""org";q=100000;w=2"#)
            }
        }
    }

    private static let wrong = [
        #"{"per_second":0}"#, #"{"per_second":100001}"#, #"{"per_second":1,"burst":0}"#,
        #"{"per_second":1,"burst":200001}"#, #"{"burst":1}"#, #"{"per_second":1.5}"#, #"{"per_second":1,"x":1}"#, "7",
    ]

    @Test func aLimitOutsideItsBoundsIsNamed() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for limit in Self.wrong {
                let body = "{\"rate_limit\":\(limit)}"
                let answers = [
                    try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: body),
                    try await gateway.operate(.PATCH, "/api/v1/keys/\(key.id)", for: org, body: body),
                    try await gateway.operate(.POST, "/api/v1/orgs", body: "{\"name\":\"x\",\"rate_limit\":\(limit)}"),
                ]
                for answer in answers {
                    #expect(answer.status == 422, "\(limit)")
                    #expect(try answer.json["violations"]?[0]?["pointer"]?.string?.hasPrefix("/rate_limit") == true)
                }
            }
            // An organization can not choose its own.
            let own = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: #"{"rate_limit":null}"#)
            #expect(own.status == 422)
        }
    }

    @Test(arguments: [("rate.limit.per.second", "0"), ("rate.limit.burst", "200001")])
    func aSettingOutsideItsBoundsStopsTheStart(key: String, value: String) async throws {
        let settings = Gateway.settings.merging([key: value]) { $1 }
        await #expect(throws: ConfigFailure.self) {
            _ = try await APIGatewayApp(reader: .test(settings), client: .ofTest, logger: .quiet)
        }
    }
}
