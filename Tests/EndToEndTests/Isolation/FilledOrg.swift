import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// An organization that has two of everything, so that each of its lists has a second page, and every table its rows.
struct FilledOrg: Sendable {
    let id: String
    let api: API
    /// By the name that resources have in paths; what is made first stands first.
    private(set) var ids: [String: [String]] = [:]

    /// The first one of a kind: `messages`, `channel-accounts`.
    func first(_ kind: String) throws -> String { try #require(self.ids[kind]?.first, "there are no \(kind)") }

    /// Makes one, and waits until nothing in it moves any more; all its answers are 2xx.
    static func make(on platform: Platform, _ api: API) async throws -> FilledOrg {
        var org = FilledOrg(id: try await api.get("/api/v1/org").id, api: api)
        org.ids["orgs"] = [org.id]
        try await org.openAccounts(platform)
        try await org.meetCustomers()
        try await org.writeTemplates()
        try await org.sendMessages()
        try await org.hearFromCustomers(platform)
        try await org.broadcast()
        try await org.change()
        try await org.settle()
        return org
    }

    @discardableResult
    private mutating func make(_ kind: String, _ body: JSONValue, key: String? = nil) async throws -> String {
        let answer = try await self.api.post("/api/v1/\(kind)", body, key.map { ["idempotency-key": $0] } ?? [:])
        try #require((200..<300).contains(answer.status), "\(kind): \(answer.text)")
        try #require(answer.headers.first(name: "idempotency-replayed") == nil, "\(kind): another's key counted")
        self.ids[kind, default: []].append(answer.id)
        return answer.id
    }

    private func act(_ method: HTTPMethod, _ path: String, _ body: JSONValue?) async throws -> JSONValue {
        let answer = try await self.api.send(method, "/api/v1\(path)", body?.bytes, [:])
        try #require((200..<300).contains(answer.status), "\(method) \(path): \(answer.text)")
        return answer.json
    }

    private func list(_ path: String) async throws -> [JSONValue] {
        try await self.act(.GET, path, nil)["data"]?.array ?? []
    }

    private mutating func openAccounts(_ platform: Platform) async throws {
        let whatsApp = try await self.api.newWhatsAppAccount()
        self.ids["channel-accounts"] = [whatsApp.id, try await self.api.newTwilioAccount()]
        self.ids["numbers"] = [whatsApp.number]
        self.ids["channel-accounts"]?.append(try await self.api.newSendGridAccount(events: platform.stub))
        _ = try await self.act(.POST, "/channel-accounts/\(whatsApp.id)/check", nil)
        try await self.make("keys", ["name": "second", "scopes": ["messages:read"]], key: "key-second")
        try await self.make("keys", ["name": "third", "scopes": ["messages:read"]])
    }

    private mutating func meetCustomers() async throws {
        for (name, digit) in [("Ann Lee", "1"), ("Bob Ray", "2"), ("Cid Poe", "3"), ("Dot Fox", "4"), ("Eve Ash", "5")]
        {
            let id = try await self.make(
                "customers",
                [
                    "name": .string(name), "groups": ["vip", "gold"], "fields": ["tier": "gold"],
                    "identities": [["kind": "phone", "value": .string("+1415555010\(digit)")]],
                ],
                key: "customer-\(digit)"
            )
            for status in ["opted_in", "opted_out"] {
                let consent: JSONValue = [
                    "channel": "sms", "purpose": "marketing", "status": .string(status), "source": "test",
                ]
                _ = try await self.act(.PUT, "/customers/\(id)/consents", consent)
            }
        }
        // Who asks for a part of a number has the numbers indexed that are there; others come later.
        _ = try await self.list("/customers?phone=555010")
        let customers = self.ids["customers"] ?? []
        _ = try await self.act(.POST, "/customers/\(customers[0])/merge", ["from": .string(customers[4])])
        for id in customers[2...3] {
            self.ids["erasures", default: []].append(
                try await self.act(.POST, "/customers/\(id)/erase", [:])["id"]?.string ?? ""
            )
        }
        self.ids["customers"] = Array(customers.prefix(2))
        self.ids["groups"] = try await self.list("/groups").compactMap { $0["id"]?.string }
        for digit in 8...9 {
            let line: JSONValue = ["address": .string("+1415555019\(digit)"), "channel": "sms", "reason": "asked"]
            try await self.make("suppressions", line, key: "suppression-\(digit)")
        }
    }

    private mutating func writeTemplates() async throws {
        for code in ["hello", "bye"] {
            let id = try await self.make(
                "templates",
                ["code": .string(code), "channel": "sms", "body": "Hi {{first_name}}, {{offer}}"],
                key: "template-\(code)"
            )
            _ = try await self.act(.PATCH, "/templates/\(id)", ["body": "Dear {{first_name}}, {{offer}}"])
        }
    }

    private mutating func sendMessages() async throws {
        for number in 1...2 {
            let message: JSONValue = ["to": "+15550000001", "channel": "sandbox", "body": "Hello \(number)"]
            try await self.make("messages", message, key: "message-\(number)")
            let rejected: JSONValue = [
                "to": "+15550000004", "channel": "sandbox", "body": "No", "retry": ["max_retries": 0],
            ]
            try await self.make("messages", rejected)
            let later = Timestamp.now + .seconds(86_400)
            let planned: JSONValue = [
                "to": "+14155550108", "channel": "sms", "body": "Later", "reference": .string("plan-\(number)"),
                "scheduled_at": .string("\(later)"),
            ]
            try await self.make("messages", planned)
            self.ids["planned", default: []].append(self.ids["messages"]?.last ?? "")
        }
        try await self.make(
            "messages",
            [
                "to": "ann@example.org", "channel": "email", "subject": "Invoice", "body": "See the file.",
                "attachments": [["filename": "a.txt", "content_type": "text/plain", "content": "AAAA"]],
            ]
        )
        self.ids["mails"] = [self.ids["messages"]?.last ?? ""]
        // One stays in the queue; it is no message like the others, since its timeline says how it stands now.
        let tomorrow = JSONValue.string("\(Timestamp.now + .seconds(86_400))")
        let waiting: JSONValue = ["to": "+14155550107", "channel": "sms", "body": "Later", "scheduled_at": tomorrow]
        try await self.make("messages", waiting)
        self.ids["messages"]?.removeLast()
        for number in 1...2 {
            let bulk: JSONValue = ["action": "cancel", "filter": ["reference": .string("plan-\(number)")]]
            let job = try await self.act(.POST, "/messages/bulk", bulk)
            self.ids["jobs", default: []].append(job["id"]?.string ?? "")
        }
    }

    private mutating func hearFromCustomers(_ platform: Platform) async throws {
        let number = try self.first("numbers")
        for (index, text) in ["Hello", "Are you there?"].enumerated() {
            let message = MetaPayload.text("wamid.\(number).\(index)", text, from: "14155550101", at: Int64(index))
            let answer = try await InboundSigner(platform).meta(MetaPayload.message(message, number: number))
            try #require(answer.status == 200, "\(answer.text)")
        }
        let stop = MetaPayload.text("wamid.\(number).stop", "STOP", from: "14155550177")
        let answer = try await InboundSigner(platform).meta(MetaPayload.message(stop, number: number))
        try #require(answer.status == 200, "\(answer.text)")
        try await eventually { try await self.list("/messages?direction=inbound").count == 3 }
        try await eventually {
            try await self.list("/messages?direction=outbound&channel=whatsapp&status=read").count == 1
        }
        try await eventually { try await self.list("/webhook-events?state=pending").isEmpty }
        self.ids["webhook-events"] = try await self.list("/webhook-events?kind=message").compactMap { $0["id"]?.string }
        let hello = try await self.list("/messages?direction=inbound").first { $0["body"] == "Hello" }
        self.ids["conversations"] = [hello?["conversation_id"]?.string ?? ""]
    }

    private mutating func broadcast() async throws {
        for name in ["spring", "summer"] {
            let recipients: JSONValue = [["to": "+15550000001"], ["to": "+15550000002"]]
            try await self.make(
                "broadcasts",
                ["name": .string(name), "channel": "sandbox", "body": "Sale", "recipients": recipients],
                key: "broadcast-\(name)"
            )
        }
        let mail: JSONValue = [
            "name": "flyer", "channel": "email", "subject": "Sale", "body": "See the file.",
            "recipients": [["to": "ann@example.org"]],
            "attachments": [["filename": "a.txt", "content_type": "text/plain", "content": "AAAA"]],
            "scheduled_at": .string("\(Timestamp.now + .seconds(86_400))"),
        ]
        let flyer = try await self.act(.POST, "/broadcasts", mail)
        _ = try await self.act(.POST, "/broadcasts/\(flyer["id"]?.string ?? "")/cancel", nil)
    }

    private func change() async throws {
        let conversation = try self.first("conversations")
        _ = try await self.act(.POST, "/conversations/\(conversation)/assign", ["assignee": "ann@example.com"])
        _ = try await self.act(.POST, "/conversations/\(conversation)/read", nil)
        _ = try await self.act(.POST, "/webhook-events/\(try self.first("webhook-events"))/replay", nil)
    }

    private func settle() async throws {
        try await eventually { try await self.list("/messages?status=queued,sending").isEmpty }
        try await eventually { try await self.list("/messages?status=sent&channel=sandbox").isEmpty }
        try await eventually { try await self.list("/messages?status=sent&channel=email").count == 1 }
        try await eventually { try await self.list("/jobs").allSatisfy { $0["status"] == "done" } }
        try await eventually {
            try await self.list("/broadcasts").allSatisfy { ["done", "cancelled"].contains($0["status"]?.string) }
        }
        try await eventually { try await self.list("/erasures").allSatisfy { $0["status"] == "done" } }
        try await eventually { try await self.list("/webhook-events?state=pending").isEmpty }
    }
}
