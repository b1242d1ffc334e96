import APIGateway
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// ETags, conditions, and answers that are no longer than their client wants.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct AnswerFormTests {
    private static let minimal = [("Prefer", "return=minimal")]

    @Test func anOrganizationIsChangedOnlyAsItWasSeen() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let seen = try await gateway.call(.GET, "/api/v1/org", key: key.secret)
            let tag = try #require(seen.headers.first(name: "etag"))
            #expect(try await gateway.operate(.GET, "/api/v1/orgs/\(org)").headers.first(name: "etag") == tag)
            func rename(_ name: String, if match: String?) async throws -> Gateway.Answer {
                let headers = match.map { [("If-Match", $0)] } ?? []
                let body = "{\"name\":\"\(name)\"}"
                return try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, headers, body: body)
            }
            let first = try await rename("One", if: tag)
            #expect(first.status == 200)
            let next = try #require(first.headers.first(name: "etag"))
            #expect(next != tag)
            for stale in [tag, "W/\(next)", "\"x\", \(tag)"] {
                let refused = try await rename("Two", if: stale)
                #expect(refused.status == 412 && refused.code == "precondition-failed", "\(stale)")
            }
            for bad in ["x", "\"", "\(next),", "\"a\"b\"", "", String(repeating: "\"a\",", count: 400) + "\"a\""] {
                #expect(try await rename("Two", if: bad).code == "if-match-invalid", "\(bad)")
            }
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).json["name"] == "One")
            #expect(try await rename("Two", if: "\"x\" , \(next)").status == 200)
            #expect(try await rename("Three", if: "*").status == 200)
            #expect(try await rename("Four", if: nil).status == 200)
        }
    }

    /// Of changes that saw the same, one is made.
    @Test func ofChangesAtTheSameTimeOneFits() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let tag = try await gateway.call(.GET, "/api/v1/org", key: key.secret).headers.first(name: "etag") ?? ""
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for index in 0..<8 {
                    tasks.addTask {
                        let body = "{\"name\":\"\(index)\"}"
                        let headers = [("If-Match", tag)]
                        return try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, headers, body: body)
                            .status
                    }
                }
                return try await tasks.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200] + Array(repeating: 412, count: 7))
        }
    }

    @Test func whatAClientHasIsNotSentAgain() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let tag = try await gateway.call(.GET, "/api/v1/org", key: key.secret).headers.first(name: "etag") ?? ""
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let answer = try await gateway.call(.GET, "/api/v1/org", key: key.secret, [("If-None-Match", known)])
                #expect(answer.status == 304 && answer.body.isEmpty, "\(known)")
                #expect(answer.headers.first(name: "etag") == tag)
            }
            let other = try await gateway.call(.GET, "/api/v1/org", key: key.secret, [("If-None-Match", "\"x\"")])
            #expect(other.status == 200)
        }
    }

    /// The condition reaches the service that owns the resource, and its tag comes back.
    @Test func conditionsAndTagsPassThroughTheGateway() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.customers.answer { _ in StubService.json(.ok, "{}", [.eTag: "\"t\""]) }
            let path = "/api/v1/customers/\(CustomerID.new())"
            let answer = try await gateway.call(.PATCH, path, key: key.secret, [("If-Match", "\"s\"")], body: "{}")
            #expect(answer.headers.first(name: "etag") == "\"t\"")
            #expect(gateway.customers.calls.last?.header("if-match") == "\"s\"")
            let known = try await gateway.call(.GET, path, key: key.secret, [("If-None-Match", "\"t\"")])
            #expect(known.status == 304)
        }
    }

    @Test func aMinimalAnswerToACreateIsItsLocation() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer { _ in
                StubService.json(.accepted, #"{"id":"x"}"#, [.location: "/api/v1/messages/x"])
            }
            for prefer in ["return=minimal", "respond-async, Return=Minimal", "return=minimal; wait=10"] {
                let answer = try await gateway.call(
                    .POST,
                    "/api/v1/messages",
                    key: key.secret,
                    [("Prefer", prefer)],
                    body: "{}"
                )
                #expect(answer.status == 202 && answer.body.isEmpty, "\(prefer)")
                #expect(answer.headers.first(name: "location") == "/api/v1/messages/x")
                #expect(answer.headers.first(name: "preference-applied") == "return=minimal")
                #expect(answer.headers.first(name: "content-type") == nil)
            }
            for prefer in ["return=representation", "return=minimalist", ""] {
                let headers = [("Prefer", prefer)]
                let answer = try await gateway.call(.POST, "/api/v1/messages", key: key.secret, headers, body: "{}")
                #expect(answer.body == #"{"id":"x"}"#, "\(prefer)")
                #expect(answer.headers.first(name: "preference-applied") == nil)
            }
        }
    }

    @Test func aMinimalAnswerToAChangeIs204AndASecretIsAlwaysShown() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let body = #"{"name":"New"}"#
            let changed = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, Self.minimal, body: body)
            #expect(changed.status == 204 && changed.body.isEmpty)
            #expect(changed.headers.first(name: "etag") != nil)
            let made = try await gateway.call(.POST, "/api/v1/keys", key: key.secret, Self.minimal, body: body)
            #expect(made.status == 201)
            #expect(try made.json["secret"] != nil)
            let wrong = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, Self.minimal, body: "{")
            #expect(wrong.status == 400 && wrong.code == "malformed-json")
            let list = try await gateway.call(.GET, "/api/v1/keys", key: key.secret, Self.minimal)
            #expect(try list.json["data"]?.array?.count == 2)
        }
    }
}
