import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Customers as a tenant's program uses them, through the gateway and the services.
@Suite struct CustomerTests {
    @Test(.timeLimit(.minutes(5))) func aCustomerIsMadeOnceFoundReachedAndMerged() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let ann: JSONValue = [
                "name": "Ann Lee", "identities": [["kind": "phone", "value": "+15550000001"]],
                "fields": ["tier": "gold"], "groups": ["vip"],
            ]
            let made = try await tenant.send(.POST, "/api/v1/customers", ann.bytes, ["idempotency-key": "ann"])
            let again = try await tenant.send(.POST, "/api/v1/customers", ann.bytes, ["idempotency-key": "ann"])
            #expect(made.status == 201 && again.status == 201 && again.text == made.text)
            let id = try #require(made.json["id"]?.string)
            for query in ["q=ann", "q=5550000", "field.tier=gold", "group=vip"] {
                let found = try await tenant.get("/api/v1/customers?\(query)").json["data"]
                #expect(found?.array?.map { $0["id"]?.string } == [id], "\(query)")
            }

            let message = try await tenant.sendMessage([
                "customer_id": .string(id), "channel": "sandbox", "body": "Hello",
            ])
            try await eventually { try await tenant.status(of: message) == "read" }
            let sent = try await tenant.get("/api/v1/messages/\(message)").json
            #expect(sent["customer_id"]?.string == id && sent["to"]?.string == "+15550000001")

            let survivor = try await tenant.post("/api/v1/customers", ["first_name": "Ann"])
            let survivorID = try #require(survivor.json["id"]?.string)
            let merged = try await tenant.post("/api/v1/customers/\(survivorID)/merge", ["from": .string(id)])
            #expect(merged.status == 200 && merged.json["name"] == "Ann Lee")
            #expect(try await tenant.get("/api/v1/customers/\(id)").json["id"]?.string == survivorID)
            // A message for the old one reaches who they are now.
            let next = try await tenant.sendMessage(["customer_id": .string(id), "channel": "sandbox", "body": "Hello"])
            #expect(try await tenant.get("/api/v1/messages/\(next)").json["customer_id"]?.string == survivorID)

            let consent: JSONValue = ["channel": "sms", "purpose": "marketing", "status": "opted_out"]
            #expect(try await tenant.send(.PUT, "/api/v1/customers/\(id)/consents", consent.bytes, [:]).status == 200)
            let consents = try await tenant.get("/api/v1/customers/\(survivorID)/consents").json["data"]
            #expect(consents?.array?.map { $0["status"]?.string } == ["opted_out"])
        }
    }
}
