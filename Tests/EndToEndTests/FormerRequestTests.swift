import Foundation
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Requests as the documents of the systems that Herald replaces show them, through the whole platform.
@Suite struct FormerRequestTests {
    @Test(.timeLimit(.minutes(5))) func aMessageOfTheMessagingPlatformIsSentAndItsAnswerStored() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant(mode: "test")
            let sent = try await tenant.post(
                "/api/messages",
                [
                    "conversation_id": 42, "direction": "outbound", "body": "Hello", "channel": "sms",
                    "metadata": ["recipient": "+15550000001"],
                ]
            )
            #expect(sent.status == 201, "\(sent.text)")
            #expect(sent.json["conversation_id"] == "42" && sent.json["to"] == "+15550000001")
            try await eventually { try await tenant.status(of: sent.id) == "read" }
            let found = try await tenant.get("/api/v1/messages?reference=42")
            #expect(found.json["data"]?.array?.map { $0["id"]?.string } == [sent.id])

            let conversation = try #require(
                try await tenant.get("/api/v1/messages/\(sent.id)").json["conversation_id"]?.string
            )
            let inbound: JSONValue = [
                "conversation_id": .string(conversation), "direction": "inbound", "body": "Thanks", "channel": "sms",
                "metadata": [:],
            ]
            let stored = try await tenant.post("/api/messages", inbound, ["idempotency-key": "in-1"])
            #expect(stored.status == 201, "\(stored.text)")
            #expect(stored.json["direction"] == "inbound" && stored.json["body"] == "Thanks")
            let again = try await tenant.post("/api/messages", inbound, ["idempotency-key": "in-1"])
            #expect(again.id == stored.id)
            let messages = try await tenant.get("/api/v1/conversations/\(conversation)/messages").json["data"]?.array
            #expect(Set(messages?.compactMap { $0["body"]?.string } ?? []) == ["Hello", "Thanks"])
            #expect(messages?.count == 2)
            #expect(try await tenant.get("/api/v1/conversations/\(conversation)").json["unread_count"] == 1)

            let reply: JSONValue = [
                "conversation_id": .string(conversation), "direction": "outbound", "body": "Welcome", "channel": "sms",
            ]
            #expect(try await tenant.post("/api/messages", reply).json["to"] == "+15550000001")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aDraftOfTheTeamMessagingSystemIsSentToUsersAndGuests() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant(mode: "test")
            let user = try await tenant.post(
                "/api/v1/customers",
                [
                    "first_name": "Ann",
                    "identities": [
                        ["kind": "external", "value": "17"], ["kind": "email", "value": "delivered@sandbox.test"],
                    ],
                ]
            )
            #expect(user.status == 201, "\(user.text)")
            let guest = try await tenant.post(
                "/api/v1/customers",
                ["guest": true, "identities": [["kind": "email", "value": "read@sandbox.test"]]]
            )
            let draft = try await tenant.post(
                "/api/messages",
                ["subject": "News", "body": "Hi {{FirstName}}", "type": "email"]
            )
            #expect(draft.status == 201, "\(draft.text)")
            #expect(draft.json["subject"] == "News" && draft.json["type"] == "email")
            let sent = try await tenant.post(
                "/api/messages/send",
                ["message_id": .string(draft.id), "user_ids": [17], "guest_ids": [.string(guest.id)]]
            )
            #expect(sent.status == 202, "\(sent.text)")
            try await eventually {
                let messages = try await tenant.get("/api/v1/broadcasts/\(sent.id)/messages").json["data"]?.array ?? []
                return messages.contains { $0["body"] == "Hi Ann" && $0["subject"] == "News" }
            }
            let recipients = try await tenant.get("/api/v1/broadcasts/\(sent.id)/recipients").json["data"]?.array
            #expect(recipients?.count == 2)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aDossiersMessagesAreSentReadAndRetried() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant(mode: "test")
            func body(_ to: String, _ key: String) -> JSONValue {
                [
                    "dossierId": 4711, "channel": "WHATSAPP", "to": .string(to), "templateCode": "hello_world",
                    "payloadJson": ["language": "en_US", "components": []], "idempotencyKey": .string(key),
                ]
            }
            let sent = try await tenant.post("/api/v1/outbound/messages", body("+15550000001", "4711-1"))
            #expect(sent.status == 202, "\(sent.text)")
            #expect(sent.json["dossierId"] == "4711" && sent.json["channel"] == "WHATSAPP")
            #expect(sent.json["templateCode"] == "hello_world" && sent.json["status"] == "QUEUED")
            let again = try await tenant.post("/api/v1/outbound/messages", body("+15550000001", "4711-1"))
            #expect(again.bytes == sent.bytes)
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            let failing = try await tenant.post("/api/v1/outbound/messages", body("+15550000004", "4711-2"))
            let path = "/api/v1/outbound/messages"
            try await eventually { try await tenant.get("\(path)/\(failing.id)").json["status"] == "FAILED" }
            try await eventually { try await tenant.get("\(path)/\(sent.id)").json["status"] == "READ" }
            let failed = try await tenant.get("\(path)/\(failing.id)").json
            #expect(failed["lastErrorCode"]?.string != nil && failed["failedAt"]?.string != nil)

            let list = try await tenant.get("\(path)?dossierId=4711").json.array
            #expect(list?.map { $0["id"]?.string } == [failing.id, sent.id])
            let page = try await tenant.get("\(path)/paginated?dossierId=4711&page=1&size=1").json
            #expect(page["content"]?.array?.map { $0["id"]?.string } == [sent.id])
            #expect(page["totalElements"] == 2 && page["totalPages"] == 2 && page["number"] == 1)
            #expect(page["first"] == false && page["last"] == true)
            #expect(try await tenant.get("\(path)?dossierId=4712").json == [])

            let retried = try await tenant.send(.POST, "\(path)/\(failing.id)/retry", nil, [:])
            #expect(retried.status == 200, "\(retried.text)")
            #expect(retried.json["dossierId"] == "4711")
            #expect(try await tenant.send(.POST, "\(path)/\(sent.id)/retry", nil, [:]).code == "message-state")
        }
    }
}
