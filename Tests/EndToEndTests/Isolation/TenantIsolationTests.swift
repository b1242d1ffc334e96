import Foundation
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite struct TenantIsolationTests {
    @Test(.timeLimit(.minutes(5))) func anotherOrganizationsObjectIsAsUnknownAsNone() async throws {
        try await withPlatform { platform in
            let (owner, stranger) = (try await platform.newTenant(), try await platform.newTenant())
            let message = try await owner.sendMessage(["to": "+15550000003", "channel": "sandbox", "body": "mine"])
            let account = try await owner.newTwilioAccount()
            let conversation = try #require(
                try await owner.get("/api/v1/conversations").json["data"]?[0]?["id"]?.string
            )
            let customer = try await owner.post("/api/v1/customers", ["name": "Ann", "groups": ["vip"]]).json
            let customerID = try #require(customer["id"]?.string)
            let group = try #require(try await owner.get("/api/v1/groups").json["data"]?[0]?["id"]?.string)
            let unknown = UUID().uuidString.lowercased()
            for (path, id) in [
                ("/api/v1/customers/{id}", customerID), ("/api/v1/customers/{id}/consents", customerID),
                ("/api/v1/groups/{id}", group), ("/api/v1/groups/{id}/members", group),
                ("/api/v1/messages/{id}", message), ("/api/v1/messages/{id}/timeline", message),
                ("/api/v1/channel-accounts/{id}", account), ("/api/v1/conversations/{id}", conversation),
            ] {
                let theirs = try await stranger.get(path.replacingOccurrences(of: "{id}", with: id))
                let none = try await stranger.get(path.replacingOccurrences(of: "{id}", with: unknown))
                #expect(theirs.status == 404)
                #expect(self.withoutRequestID(theirs) == self.withoutRequestID(none))
                #expect(try await owner.get(path.replacingOccurrences(of: "{id}", with: id)).status == 200)
            }
            #expect(try await stranger.get("/api/v1/messages").json["data"]?.array?.isEmpty == true)
            #expect(try await stranger.get("/api/v1/conversations").json["data"]?.array?.isEmpty == true)
            let trail = try await stranger.get("/api/v1/audit-events").text
            #expect(!trail.contains(message) && !trail.contains(account) && !trail.contains(customerID))
            let own = try await owner.get("/api/v1/audit-events").text
            #expect(own.contains(message) && own.contains(customerID))

            let borrowed = try await stranger.post(
                "/api/v1/messages",
                ["to": "+14155550100", "channel": "sms", "body": "x", "account_id": .string(account)]
            )
            #expect(borrowed.status == 422)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aTenantsKeyCanNotActForAnotherOrganization() async throws {
        try await withPlatform { platform in
            let (owner, stranger) = (try await platform.newTenant(), try await platform.newTenant())
            _ = try await owner.sendMessage(["to": "+15550000003", "channel": "sandbox", "body": "mine"])
            let orgID = try #require(try await owner.get("/api/v1/org").json["id"]?.string)
            let list = try await stranger.send(.GET, "/api/v1/messages", nil, ["x-org-id": orgID])
            #expect(list.json["data"]?.array?.isEmpty == true)

            let asOperator = try await platform.gateway.send(.GET, "/api/v1/messages", nil, ["x-org-id": orgID])
            #expect(asOperator.json["data"]?.array?.count == 1)
        }
    }

    private func withoutRequestID(_ answer: API.Answer) -> JSONValue {
        var object = answer.json.object ?? [:]
        object["request_id"] = nil
        return .object(object)
    }
}
