import APIGateway
import HTTPService
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// The timelines that are made of what two services know.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct TimelineTests {
    private enum Activity {}

    let conversation = ConversationID.new()
    let other = ConversationID.new()
    let customer = CustomerID.new()

    /// Answers pages of `count` entries as a service does: the newest first, one for each second number.
    private static func trail(_ type: String, seconds: [Int]) -> StubService.Handler {
        let entries = seconds.sorted(by: >).map { second in
            (id: ID<Activity>.first(at: Timestamp(microseconds: Int64(second) * 1_000_000)), name: "\(type) \(second)")
        }
        return { call in
            guard let orgID = call.header("herald-org").flatMap({ OrgID($0) }) else { throw Problem.unauthorized }
            let query = call.query
            let after = query["cursor"].flatMap { Cursor<Activity>($0, for: orgID) }
            let limit = query["limit"].flatMap { Int($0) } ?? 50
            let rest = entries.filter { entry in after.map { entry.id < $0.id } ?? true }
            let shown = rest.prefix(limit)
            let data = shown.map { JSONValue.object(["id": .string($0.id.description), "type": .string($0.name)]) }
            let next = rest.count > limit ? shown.last.map { Cursor(after: $0.id).text(for: orgID) } : nil
            return StubService.json(.ok, Page(data: data, nextCursor: next).json.text)
        }
    }

    private func types(_ answer: Gateway.Answer) throws -> [String] {
        #expect(answer.status == 200, "\(answer.body)")
        return try answer.json["data"]?.array?.compactMap { $0["type"]?.string } ?? []
    }

    @Test(arguments: [1, 2, 3, 5, 8, 200])
    func theTwoTrailsAreOneWhateverThePage(limit: Int) async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.conversations.answer(Self.trail("C", seconds: [10, 20, 30, 41, 50]))
            gateway.messaging.answer(Self.trail("M", seconds: [5, 40, 42, 43]))
            var (seen, cursor): ([String], String?) = ([], nil)
            repeat {
                let path = "/api/v1/conversations/\(self.conversation)/activities?limit=\(limit)"
                let answer = try await gateway.call(
                    .GET,
                    path + (cursor.map { "&cursor=\($0)" } ?? ""),
                    key: key.secret
                )
                let types = try self.types(answer)
                #expect(types.count <= limit)
                seen += types
                cursor = try answer.json["next_cursor"]?.string
            } while cursor != nil && seen.count < 20
            #expect(seen == ["C 50", "M 43", "M 42", "C 41", "M 40", "C 30", "C 20", "C 10", "M 5"])
            let asked = gateway.messaging.calls.map(\.query["conversation_id"])
            #expect(Set(asked) == [self.conversation.description])
            let paths = Set(gateway.conversations.calls.map { $0.target.prefix { $0 != "?" } })
            #expect(paths == ["/internal/conversations/\(self.conversation)/activities"])
        }
    }

    @Test func aCustomersTimelineIsOfAllTheirConversations() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.customers.answer { _ in StubService.json(.ok, "{}") }
            let (conversation, other) = (self.conversation, self.other)
            let trail = Self.trail("C", seconds: [10, 30])
            gateway.conversations.answer { call in
                guard call.target.hasPrefix("/internal/conversations?") else { return try await trail(call) }
                return StubService.json(
                    .ok,
                    #"{"data":[{"id":"\#(conversation)"},{"id":"\#(other)"}],"next_cursor":null}"#
                )
            }
            gateway.messaging.answer(Self.trail("M", seconds: [20]))
            let path = "/api/v1/customers/\(self.customer)/activities"
            let answer = try await gateway.call(.GET, path, key: key.secret)
            #expect(try self.types(answer) == ["C 30", "M 20", "C 10"])
            #expect(gateway.messaging.calls.map(\.query["conversation_id"]) == ["\(conversation),\(other)"])
            #expect(gateway.customers.calls.map(\.target) == ["/internal/customers/\(self.customer)"])
            #expect(
                Set(gateway.conversations.calls.map(\.target)) == [
                    "/internal/customers/\(self.customer)/activities",
                    "/internal/conversations?customer_id=\(self.customer)&limit=200",
                ]
            )
        }
    }

    @Test func aCustomerWithoutConversationsHasAnEmptyOne() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.customers.answer { _ in StubService.json(.ok, "{}") }
            gateway.conversations.answer { _ in StubService.json(.ok, #"{"data":[],"next_cursor":null}"#) }
            let answer = try await gateway.call(
                .GET,
                "/api/v1/customers/\(self.customer)/activities",
                key: key.secret
            )
            #expect(try answer.json == ["data": [], "next_cursor": .null])
            #expect(gateway.messaging.calls.isEmpty)
        }
    }

    @Test(arguments: ["conversations", "customers"])
    func whatDoesNotExistIs404AsEverywhere(resource: String) async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.messaging.answer(Self.trail("M", seconds: []))
            gateway.conversations.answer { call in
                guard call.target.hasPrefix("/internal/customers/") else {
                    return try await StubService.nothingThere(call)
                }
                return StubService.json(.ok, #"{"data":[],"next_cursor":null}"#)
            }
            let none = try await gateway.call(.GET, "/api/v1/messages/7", key: key.secret)
            for id in [self.conversation.description, "7"] {
                let answer = try await gateway.call(.GET, "/api/v1/\(resource)/\(id)/activities", key: key.secret)
                #expect(answer.status == 404)
                #expect(answer.bodyWithoutRequestID == none.bodyWithoutRequestID)
            }
        }
    }

    @Test(arguments: ["customers", "conversations", "messaging"])
    func withoutOneServiceThereIsNoHalfTimeline(absent: String) async throws {
        try await Gateway.run(settings: ["\(absent).url": "http://127.0.0.1:1"]) { gateway in
            let (_, key) = try await gateway.tenant()
            gateway.customers.answer { _ in StubService.json(.ok, "{}") }
            let id = self.conversation
            gateway.conversations.answer { _ in StubService.json(.ok, #"{"data":[{"id":"\#(id)"}],"next_cursor":null}"#)
            }
            gateway.messaging.answer(Self.trail("M", seconds: [1]))
            let answer = try await gateway.call(
                .GET,
                "/api/v1/customers/\(self.customer)/activities",
                key: key.secret
            )
            #expect(answer.status == 503)
            #expect(answer.headers.first(name: "retry-after") == "1")
        }
    }

    @Test(arguments: ["limit=0", "limit=201", "cursor=x", "type=OPENED"])
    func whatIsNoPageIsRefused(query: String) async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for resource in ["conversations", "customers"] {
                let path = "/api/v1/\(resource)/\(self.conversation)/activities?\(query)"
                let answer = try await gateway.call(.GET, path, key: key.secret)
                #expect(answer.status == 400 && answer.code == "invalid-query")
            }
            #expect(gateway.conversations.calls.isEmpty && gateway.messaging.calls.isEmpty)
        }
    }
}
