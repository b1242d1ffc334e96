import APIGateway
import Foundation
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct AuthenticationTests {
    @Test func everyBadKeyGetsTheSameAnswer() async throws {
        try await Gateway.run { gateway in
            let (org, good) = try await gateway.tenant()
            let revoked = try await gateway.key(of: org)
            #expect(try await gateway.call(.DELETE, "/api/v1/keys/\(revoked.id)", key: good.secret).status == 204)
            let end = gateway.time.time.now() + .seconds(10)
            let expired = try await gateway.key(of: org, more: #","expires_at":"\#(end)""#)
            #expect(try await gateway.call(.GET, "/api/v1/org", key: expired.secret).status == 200)
            gateway.time.advance(by: .seconds(10))
            let id = try #require(APIKeyID(good.id))
            let bad = [
                "Bearer \(KeyToken.make(.new(), mode: .live).text)", "Bearer \(KeyToken.make(id, mode: .live).text)",
                "Bearer \(revoked.secret)", "Bearer \(expired.secret)", "Bearer \(good.secret)x", "Bearer",
                "Basic \(good.secret)", good.secret, "Bearer \(Gateway.operatorKey)x", "Bearer ",
                "Bearer \(good.secret) ,",
            ]
            let missing = try await gateway.call(.GET, "/api/v1/org")
            #expect(missing.status == 401)
            #expect(missing.code == "unauthorized")
            for header in bad {
                let answer = try await gateway.call(.GET, "/api/v1/org", [("authorization", header)])
                #expect(answer.status == 401, "\(header)")
                #expect(answer.bodyWithoutRequestID == missing.bodyWithoutRequestID, "\(header)")
                #expect(answer.headers.first(name: "www-authenticate") == "Bearer")
            }
            #expect(try await gateway.call(.GET, "/api/v1/org", key: good.secret).status == 200)
        }
    }

    @Test func aKeyInTheURLIsRefusedEvenBesideAGoodOne() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for target in ["/api/v1/org?api_key=\(key.secret)", "/api/v1/org?access_token=\(key.secret)"] {
                #expect(try await gateway.call(.GET, target, key: key.secret).status == 401)
                #expect(try await gateway.call(.GET, target).status == 401)
            }
        }
    }

    @Test func aRevokedKeyIsRefusedAtOnceHere() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 200)
            #expect(try await gateway.call(.DELETE, "/api/v1/keys/\(key.id)", key: key.secret).status == 204)
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 401)
        }
    }

    @Test func aKeyRevokedElsewhereIsRefusedAfterASecond() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 200)
            let id = try #require(OrgID(org))
            try await TestDatabase.connection.transaction(for: [id]) { connection in
                _ = try connection.query("UPDATE api_keys SET revoked_at = now() WHERE org_id = \(id)")
            }
            gateway.time.advance(by: .seconds(1))
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 401)
        }
    }

    @Test func theKeyDecidesTheOrganization() async throws {
        try await Gateway.run { gateway in
            let (orgA, _) = try await gateway.tenant("A")
            let (orgB, keyB) = try await gateway.tenant("B")
            let answer = try await gateway.call(.GET, "/api/v1/org", key: keyB.secret, [("X-Org-Id", orgA)])
            #expect(answer.id == orgB)
        }
    }

    @Test func theOperatorActsForTheOrganizationItNames() async throws {
        try await Gateway.run { gateway in
            let (org, _) = try await gateway.tenant()
            #expect(try await gateway.operate(.GET, "/api/v1/org", for: org).id == org)
            let without = try await gateway.operate(.GET, "/api/v1/org")
            #expect(without.status == 400)
            #expect(without.code == "org-id-required")
            #expect(try await gateway.operate(.GET, "/api/v1/org", for: "Acme").code == "org-id-required")
            #expect(try await gateway.operate(.GET, "/api/v1/org", for: UUID().uuidString).status == 404)
        }
    }

    @Test func aSuspendedOrganizationIsRefusedUntilItIsNot() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            #expect(try await gateway.call(.GET, "/api/v1/messages", key: key.secret).status == 404)
            _ = try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: #"{"suspended":true}"#)
            let refused = try await gateway.call(.GET, "/api/v1/messages", key: key.secret)
            #expect(refused.status == 403)
            #expect(refused.code == "org-suspended")
            #expect(try await gateway.operate(.GET, "/api/v1/org", for: org).status == 200)
            _ = try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: #"{"suspended":false}"#)
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).status == 200)
        }
    }

    @Test func theTimeOfUseIsWrittenWhenTheGatewayStops() async throws {
        let org = Box()
        try await Gateway.run { gateway in
            let (id, key) = try await gateway.tenant()
            org.set(id)
            _ = try await gateway.call(.GET, "/api/v1/org", key: key.secret)
        }
        let id = try #require(OrgID(org.value))
        let count = try await TestDatabase.connection.transaction(for: [id]) { connection in
            try connection.query("SELECT 1 FROM api_keys WHERE last_used_at IS NOT NULL").count
        }
        #expect(count == 1)
    }
}
