import Foundation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

/// What recipients do not want does not reach a provider, whatever was planned.
@Suite struct PolicyTests {
    private static let marketing: JSONValue = [
        "to": "+14155550100", "channel": "sms", "body": "Sale", "category": "marketing",
    ]

    @Test(.timeLimit(.minutes(5))) func whoOptsOutGetsNoMoreOfWhatWasPlanned() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.newTwilioAccount()
            let customer = try await tenant.post(
                "/api/v1/customers",
                ["identities": [["kind": "phone", "value": "+14155550100"]]]
            )
            try #require(customer.status == 201, "\(customer.text)")
            let first = try await tenant.post("/api/v1/messages", Self.marketing)
            try await eventually { try await tenant.status(of: first.id) == "delivered" }
            var later = Self.marketing.object ?? [:]
            later["scheduled_at"] = .string("\(Timestamp.now + .seconds(3600))")
            let planned = try await tenant.post("/api/v1/messages", .object(later))
            #expect(planned.json["status"]?.string == "scheduled")

            let consent = try await tenant.send(
                .PUT,
                "/api/v1/customers/\(customer.id)/consents",
                Array(#"{"channel":"sms","purpose":"marketing","status":"opted_out","source":"test"}"#.utf8),
                [:]
            )
            try #require(consent.status == 200, "\(consent.text)")
            // As if its time had come.
            let due = try await tenant.post("/api/v1/messages/\(planned.id)/send-now", [:])
            try #require(due.status == 200, "\(due.text)")
            try await eventually { try await tenant.status(of: planned.id) == "skipped" }
            let shown = try await tenant.get("/api/v1/messages/\(planned.id)").json
            #expect(shown["error"]?["code"]?.string == "opted-out")
            let timeline = try await tenant.get("/api/v1/messages/\(planned.id)/timeline").json["data"]?.array ?? []
            #expect(timeline.contains { $0["type"]?.string == "blocked" })
            let audit = try await tenant.get("/api/v1/audit-events?action=BLOCKED_BY_POLICY&entity_id=\(planned.id)")
            #expect(audit.json["data"]?.array?.count == 1)

            let refused = try await tenant.post("/api/v1/messages", Self.marketing)
            #expect(refused.status == 202)
            #expect(refused.json["status"]?.string == "skipped")
            let trial = try await tenant.post("/api/v1/messages?dry_run=true", Self.marketing)
            let gates = trial.json["gates"]?.array ?? []
            #expect(gates.first { $0["gate"]?.string == "consent" }?["verdict"]?.string == "block")
            // What is no marketing still arrives.
            let receipt = try await tenant.post(
                "/api/v1/messages",
                ["to": "+14155550100", "channel": "sms", "body": "Your receipt"]
            )
            try await eventually { try await tenant.status(of: receipt.id) == "delivered" }
            #expect(platform.stub.stats.accepted == 2)
        }
    }

    @Test(.timeLimit(.minutes(5))) func theCapAndAnUnverifiedOrganizationStopIt() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            _ = try await tenant.newTwilioAccount()
            let settings = try await tenant.patch("/api/v1/org", ["settings": ["per_guest_monthly_cap": 2]])
            try #require(settings.status == 200, "\(settings.text)")
            var ids: [String] = []
            for _ in 0..<4 { ids.append(try await tenant.post("/api/v1/messages", Self.marketing).id) }
            try await eventually {
                var states: [String] = []
                for id in ids { states.append(try await tenant.status(of: id)) }
                return states == ["delivered", "delivered", "skipped", "skipped"]
            }
            let capped = try await tenant.get("/api/v1/messages/\(ids[3])").json
            #expect(capped["error"]?["code"]?.string == "capped")
            let customer = capped["customer_id"]?.string ?? ""
            for path in ["/api/v1/customers/\(customer)/sends", "/api/v1/sends?channel=sms&address=%2B14155550100"] {
                let sends = try await tenant.get(path).json
                #expect(
                    sends["count"]?.int == 2 && sends["cap"]?.int == 2 && sends["remaining"]?.int == 0,
                    "\(sends.text)"
                )
                #expect(sends["customer_id"]?.string == customer && sends["window_days"]?.int == 30)
                #expect(sends["room_at"]?.string != nil && sends["room_at"] == sends["next_leaves_at"])
            }
            let nobody = try await tenant.get("/api/v1/sends?channel=sms&address=%2B14155550199").json
            #expect(nobody["count"]?.int == 0 && nobody["remaining"]?.int == 2 && nobody["room_at"] == .null)
            #expect(try await tenant.get("/api/v1/customers/\(UUID())/sends").status == 404)
            #expect(try await tenant.get("/api/v1/sends?channel=sms&address=x").status == 400)

            let org = try await tenant.get("/api/v1/org").id
            let revoked = try await platform.gateway.patch("/api/v1/orgs/\(org)", ["sms_verified": false])
            try #require(revoked.status == 200, "\(revoked.text)")
            let unverified = try await tenant.post(
                "/api/v1/messages",
                ["to": "+14155550100", "channel": "sms", "body": "x"]
            )
            #expect(unverified.json["status"]?.string == "skipped")
            #expect(unverified.json["error"]?["code"]?.string == "org-not-verified")
            #expect(platform.stub.stats.accepted == 2)
        }
    }
}
