import ConversationService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// What people do with conversations.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ActTests {
    let ann = Contact()

    private func conversation(
        _ body: @Sendable (RunningService, _ path: String) async throws -> Void
    ) async throws {
        try await RunningService.run(now: { second(100) }) { service in
            let received = try await service.api.receive([
                self.ann.message("1", at: 10), self.ann.message("2", at: 20),
            ])
            try await body(service, "/conversations/\(try #require(received.first?.conversationID))")
        }
    }

    private func types(_ service: RunningService, _ path: String) async throws -> [String] {
        let entries = try await service.call(.GET, path + "/activities", of: self.ann.orgID).body["data"]?.array ?? []
        return entries.compactMap { $0["type"]?.string }
    }

    @Test(
        arguments: [
            (["assign"], #"{"assignee":"Bob"}"#, ["assignee": "Bob"], ["ASSIGNED", "OPENED"]),
            (
                ["close"], nil, ["status": "closed", "closed_at": .string(second(100).description)],
                ["CLOSED", "OPENED"]
            ),
            (["close", "reopen"], nil, ["status": "open", "closed_at": .null], ["REOPENED", "CLOSED", "OPENED"]),
            (["read"], nil, ["unread_count": 0, "read_at": .string(second(100).description)], ["READ", "OPENED"]),
            (["reopen"], nil, ["status": "open"], ["OPENED"]),
        ] as [([String], String?, JSONObject, [String])]
    )
    func eachDoesItsWorkOnce(acts: [String], body: String?, members: JSONObject, types: [String]) async throws {
        try await self.conversation { service, path in
            for act in acts {
                let first = try await service.call(.POST, path + "/\(act)", of: self.ann.orgID, body: body)
                #expect(first.status == 200)
                let second = try await service.call(.POST, path + "/\(act)", of: self.ann.orgID, body: body)
                #expect(second.status == 200)
                #expect(second.body == first.body)
            }
            let shown = try await service.call(.GET, path, of: self.ann.orgID).body
            for member in members.members { #expect(shown[member.name] == member.value) }
            #expect(try await self.types(service, path) == types)
        }
    }

    @Test func anActivitySaysWhoDidWhat() async throws {
        try await self.conversation { service, path in
            for body in [#"{"assignee":"Bob"}"#, #"{"assignee":null}"#] {
                _ = try await service.call(.POST, path + "/assign", of: self.ann.orgID, body: body)
            }
            let entries = try await service.call(.GET, path + "/activities?limit=2", of: self.ann.orgID).body
            #expect(entries["data"]?[0]?["detail"] == ["from": "Bob", "to": .null])
            #expect(entries["data"]?[1]?["detail"] == ["from": .null, "to": "Bob"])
            #expect(entries["data"]?[0]?["actor"]?.string == RunningService.actor)
            #expect(entries["data"]?[0]?["at"]?.string == second(100).description)
            #expect(entries["data"]?[0]?["customer_id"]?.string == self.ann.customerID.description)
            let cursor = try #require(entries["next_cursor"]?.string)
            let rest = try await service.call(.GET, path + "/activities?cursor=\(cursor)", of: self.ann.orgID).body
            #expect(rest["data"]?.array?.map { $0["type"]?.string } == ["OPENED"])
            #expect(rest["next_cursor"] == .null)
        }
    }

    @Test func aMessageThatWasSentBeforeTheReadingIsRead() async throws {
        try await self.conversation { service, path in
            _ = try await service.call(.POST, path + "/read", of: self.ann.orgID)
            _ = try await service.api.receive([self.ann.message("late", at: 99), self.ann.message("new", at: 101)])
            #expect(try await service.call(.GET, path, of: self.ann.orgID).body["unread_count"] == 1)
        }
    }

    @Test func tenAtOncePutOneActivityDown() async throws {
        try await self.conversation { service, path in
            try await withThrowingTaskGroup { tasks in
                for _ in 1...10 {
                    tasks.addTask {
                        let answer = try await service.call(.POST, path + "/close", of: self.ann.orgID)
                        #expect(answer.status == 200)
                    }
                }
                try await tasks.waitForAll()
            }
            #expect(try await self.types(service, path) == ["CLOSED", "OPENED"])
        }
    }

    @Test(arguments: [
        (#"{"assignee":""}"#, "/assignee"), ("{}", "/assignee"), (#"{"assignee":7}"#, "/assignee"),
        (#"{"assignee":"\#(String(repeating: "ü", count: 201))"}"#, "/assignee"),
        (#"{"assignee":null,"to":"Bob"}"#, "/to"), ("[]", ""),
    ])
    func whoIsAssignedIsATextOrNull(body: String, pointer: String) async throws {
        try await self.conversation { service, path in
            let answer = try await service.call(.POST, path + "/assign", of: self.ann.orgID, body: body)
            #expect(answer.status == 422)
            #expect(answer.body["violations"]?[0]?["pointer"]?.string == pointer)
            let longest = #"{"assignee":"\#(String(repeating: "ü", count: 200))"}"#
            #expect(try await service.call(.POST, path + "/assign", of: self.ann.orgID, body: longest).status == 200)
        }
    }

    @Test(arguments: ["close", "reopen", "read"])
    func theOthersTakeNoFields(act: String) async throws {
        try await self.conversation { service, path in
            let answer = try await service.call(.POST, path + "/\(act)", of: self.ann.orgID, body: #"{"x":1}"#)
            #expect(answer.status == 422)
        }
    }

    @Test(arguments: ["", "/assign", "/close", "/reopen", "/read", "/activities"])
    func anotherOrganizationsConversationIsAsUnknownAsNone(route: String) async throws {
        try await self.conversation { service, path in
            let method: HTTPMethod = ["", "/activities"].contains(route) ? .GET : .POST
            let body = route == "/assign" ? #"{"assignee":"Bob"}"# : nil
            var answers: [JSONValue] = []
            for path in [path, "/conversations/\(ConversationID.new())", "/conversations/7"] {
                let answer = try await service.call(method, path + route, of: .new(), body: body)
                #expect(answer.status == 404)
                var problem = answer.body.object ?? [:]
                problem["request_id"] = nil
                answers.append(.object(problem))
            }
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(try await self.types(service, path) == ["OPENED"])
        }
    }
}
