import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// One content for many recipients, from the call to what their providers got.
@Suite struct BroadcastTests {
    @Test(.timeLimit(.minutes(5))) func everybodyWhoMayGetsItOnceWithWhatIsTheirOwn() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.newTwilioAccount()
            let ann = try await tenant.newCustomer("Ann Lee", "+14155550101", groups: ["vip"], tier: "gold")
            let bob = try await tenant.newCustomer("Bob Ray", "+14155550102", groups: ["vip"], tier: nil)
            _ = try await tenant.newCustomer("Cid Poe", "+14155550103", groups: [], tier: "gold")
            let groups = try await tenant.get("/api/v1/groups").json["data"]?.array ?? []
            let vip = try #require(groups.first { $0["name"] == "vip" }?["id"]?.string)
            let consent = try await tenant.send(
                .PUT,
                "/api/v1/customers/\(bob)/consents",
                Array(#"{"channel":"sms","purpose":"marketing","status":"opted_out","source":"test"}"#.utf8),
                [:]
            )
            try #require(consent.status == 200, "\(consent.text)")

            let broadcast: JSONValue = [
                "name": "spring", "channel": "sms", "body": "Hi {{first_name}}, {{offer}}!",
                "recipients": [
                    ["to": "+1 415 555 0104", "parameters": ["first_name": "Dot", "offer": "10 %"]],
                    ["customer_id": .string(ann), "parameters": ["offer": "20 %"]],
                    ["to": "+14155550104", "parameters": ["first_name": "Dot", "offer": "30 %"]], ["to": "12"],
                    ["to": "+14155550105"],
                ],
            ]
            let trial = try await tenant.post("/api/v1/broadcasts?dry_run=true", broadcast)
            #expect(trial.status == 200, "\(trial.text)")
            #expect(trial.json["sample"]?.array?.first?["rendered"]?["body"] == "Hi Dot, 10 %!")
            let made = try await tenant.post("/api/v1/broadcasts", broadcast)
            try #require(made.status == 202, "\(made.text)")
            try await eventually { try await tenant.get("/api/v1/broadcasts/\(made.id)").json["status"] == "done" }
            let shown = try await tenant.get("/api/v1/broadcasts/\(made.id)").json
            #expect(shown["progress"]?["messages"] == 2)
            #expect(shown["progress"]?["refused"] == 2)
            #expect(shown["progress"]?["duplicates"] == 1)
            // Their provider tells of it once they have left.
            try await eventually {
                try await tenant.get("/api/v1/broadcasts/\(made.id)").json["messages"]?["delivered"] == 2
            }
            let texts = platform.stub.ledger.entries.compactMap { $0.field("Body") }
            #expect(texts.sorted() == ["Hi Ann, 20 %!", "Hi Dot, 10 %!"])

            // The group and the filter, together: three customers, of whom one does not want it.
            let second = try await tenant.post(
                "/api/v1/broadcasts",
                [
                    "name": "summer", "channel": "sms", "body": "Hello {{first_name}}", "group_ids": [.string(vip)],
                    "filter": ["fields": ["tier": "gold"]],
                ]
            )
            try #require(second.status == 202, "\(second.text)")
            try await eventually { try await tenant.get("/api/v1/broadcasts/\(second.id)").json["status"] == "done" }
            try await eventually {
                let messages = try await tenant.get("/api/v1/broadcasts/\(second.id)/messages").json["data"]?.array
                let ends = (messages ?? []).map {
                    "\($0["to"]?.string ?? "") \($0["status"]?.string ?? "") \($0["body"]?.string ?? "")"
                }
                return ends.sorted() == [
                    "+14155550101 delivered Hello Ann", "+14155550102 skipped Hello Bob",
                    "+14155550103 delivered Hello Cid",
                ]
            }
            let recipients = try await tenant.get("/api/v1/broadcasts/\(second.id)/recipients?limit=2").json
            #expect(recipients["data"]?.array?.count == 2)
            let cursor = try #require(recipients["next_cursor"]?.string)
            let rest = try await tenant.get("/api/v1/broadcasts/\(second.id)/recipients?limit=2&cursor=\(cursor)").json
            #expect(rest["data"]?.array?.map { $0["number"] } == [3])
            let audit = try await tenant.get("/api/v1/audit-events?entity_id=\(second.id)").json["data"]?.array ?? []
            #expect(audit.map { $0["action"] } == ["CREATED"])
        }
    }

    @Test(.timeLimit(.minutes(5))) func aPausedOneGoesOnAndACancelledOneDoesNot() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let recipients = (0..<300).map { JSONValue.object(["to": .string("+1555\(1_000_000 + $0)")]) }
            let fields: JSONObject = [
                "channel": "sandbox", "body": "Hello", "recipients": .array(recipients), "category": "transactional",
            ]
            var paced = fields
            paced["name"] = "paced"
            (paced["batch_size"], paced["batch_interval_seconds"]) = (100, 1)
            let first = try await tenant.post("/api/v1/broadcasts", .object(paced))
            try #require(first.status == 202, "\(first.text)")
            let paused = try await tenant.post("/api/v1/broadcasts/\(first.id)/pause", [:])
            #expect(paused.json["status"] == "paused", "\(paused.text)")
            let resumed = try await tenant.post("/api/v1/broadcasts/\(first.id)/resume", [:])
            #expect(resumed.json["status"] == "running")
            try await eventually {
                try await tenant.get("/api/v1/broadcasts/\(first.id)").json["status"] == "done"
            }
            let done = try await tenant.get("/api/v1/broadcasts/\(first.id)").json
            let ended = ["sent", "delivered", "read"].compactMap { done["messages"]?[$0]?.int }.reduce(0, +)
            #expect(ended == 300)
            #expect(try await tenant.post("/api/v1/broadcasts/\(first.id)/pause", [:]).status == 409)

            var later = fields
            later["name"] = "later"
            later["scheduled_at"] = .string("\(Timestamp.now + .seconds(3600))")
            let second = try await tenant.post("/api/v1/broadcasts", .object(later))
            #expect(second.json["status"] == "scheduled")
            let cancelled = try await tenant.post("/api/v1/broadcasts/\(second.id)/cancel", [:])
            #expect(cancelled.json["status"] == "cancelled")
            #expect(try await tenant.get("/api/v1/broadcasts?status=cancelled").json["data"]?.array?.count == 1)
            let other = try await platform.newTenant()
            #expect(try await other.get("/api/v1/broadcasts/\(second.id)").status == 404)
            #expect(try await other.get("/api/v1/broadcasts/\(second.id)/recipients").status == 404)
            #expect(try await other.post("/api/v1/broadcasts/\(second.id)/resume", [:]).status == 404)
        }
    }
}

extension API {
    /// Makes a customer, and returns its id.
    fileprivate func newCustomer(
        _ name: String,
        _ number: String,
        groups: [String],
        tier: String?
    ) async throws -> String {
        var body: JSONObject = [
            "name": .string(name), "first_name": .string(String(name.prefix { $0 != " " })),
            "identities": [["kind": "phone", "value": .string(number)]],
            "groups": .array(groups.map { .string($0) }),
        ]
        if let tier { body["fields"] = ["tier": .string(tier)] }
        let answer = try await self.post("/api/v1/customers", .object(body))
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }
}
