import APIGateway
import Foundation
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// Organizations and keys are made once for an idempotency key.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct CreateOnceTests {
    private static func create(
        _ gateway: Gateway,
        _ path: String,
        as key: String,
        _ body: String,
        _ idempotencyKey: String
    ) async throws -> Gateway.Answer {
        try await gateway.call(.POST, "/api/v1\(path)", key: key, [("Idempotency-Key", idempotencyKey)], body: body)
    }

    @Test func aRepeatedRequestGetsTheSameKeyByteForByte() async throws {
        try await Gateway.run { gateway in
            let (org, maker) = try await gateway.tenant()
            let makers = [("/keys", maker.secret), ("/orgs/\(org)/keys", Gateway.operatorKey)]
            for (path, key) in makers {
                let first = try await Self.create(gateway, path, as: key, #"{"name":"a","mode":"live"}"#, "k")
                #expect(first.status == 201 && first.headers.first(name: "idempotency-replayed") == nil)
                let again = try await Self.create(gateway, path, as: key, #"{"mode":"live","name":"a"}"#, "\"k\"")
                #expect(again.status == 201 && again.body == first.body)
                #expect(again.headers.first(name: "idempotency-replayed") == "true")
                #expect(again.headers.first(name: "cache-control") == "no-store")
                let secret = try first.json["secret"]?.string ?? ""
                #expect(try await gateway.call(.GET, "/api/v1/org", key: secret).status == 200)
                let other = try await Self.create(gateway, path, as: key, #"{"name":"b"}"#, "k")
                #expect(other.status == 422 && other.code == "idempotency-key-reused")
            }
            let list = try await gateway.call(.GET, "/api/v1/keys", key: maker.secret).json["data"]?.array
            #expect(list?.count == 3)
        }
    }

    /// Else whoever has a small key could ask for a great one that somebody made.
    @Test func nobodyElseGetsAnAnswerThatShowsAKey() async throws {
        try await Gateway.run { gateway in
            let (org, maker) = try await gateway.tenant()
            let small = try await gateway.key(of: org, scopes: ["keys:write"])
            let body = #"{"name":"great","scopes":["*"]}"#
            #expect(try await Self.create(gateway, "/keys", as: maker.secret, body, "k").status == 201)
            let refused = try await Self.create(gateway, "/keys", as: small.secret, body, "k")
            #expect(refused.status == 403 && refused.code == "key-exceeds-maker")
        }
    }

    @Test func theStoredAnswerDoesNotShowTheKey() async throws {
        try await Gateway.run { gateway in
            let (org, maker) = try await gateway.tenant()
            let made = try await Self.create(gateway, "/keys", as: maker.secret, #"{"name":"a"}"#, "k")
            let secret = try #require(try made.json["secret"]?.string)
            let id = try #require(OrgID(org))
            let stored = try await TestDatabase.connection.transaction(for: [id]) { connection in
                try connection.query("SELECT body FROM idempotency_keys WHERE org_id = \(id)")[0].get(
                    "body",
                    as: ByteArray.self
                ).bytes
            }
            #expect(stored.count > made.body.utf8.count)
            let text = String(decoding: stored, as: UTF8.self)
            #expect(!text.contains("hk_live_") && !text.contains(String(secret.suffix(49).prefix(20))))
        }
    }

    @Test func anOrganizationIsMadeOnce() async throws {
        try await Gateway.run { gateway in
            let body = #"{"name":"Acme"}"#
            let first = try await Self.create(gateway, "/orgs", as: Gateway.operatorKey, body, "k")
            let again = try await Self.create(gateway, "/orgs", as: Gateway.operatorKey, body, "k")
            #expect(first.status == 201 && again.status == 201 && again.body == first.body)
            #expect(again.headers.first(name: "location") == "/api/v1/orgs/\(first.id)")
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            let inBody = #"{"name":"Acme","idempotency_key":"k"}"#
            #expect(try await gateway.operate(.POST, "/api/v1/orgs", body: inBody).body == first.body)
            // Another key makes another one, whose slug is made another too.
            let second = try await Self.create(gateway, "/orgs", as: Gateway.operatorKey, body, "l")
            let slugs = (try first.json["slug"]?.string, try second.json["slug"]?.string)
            #expect(second.status == 201 && slugs.0 == "acme" && slugs.1?.hasPrefix("acme-") == true)
            #expect(try await gateway.operate(.GET, "/api/v1/orgs").json["data"]?.array?.count == 2)
        }
    }

    /// What was refused was not made, and its key is free.
    @Test func aRefusedRequestLeavesItsKeyFree() async throws {
        try await Gateway.run { gateway in
            _ = try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"A","slug":"taken"}"#)
            let key = Gateway.operatorKey
            let taken = try await Self.create(gateway, "/orgs", as: key, #"{"name":"B","slug":"taken"}"#, "k")
            #expect(taken.status == 409 && taken.code == "slug-taken")
            #expect(try await Self.create(gateway, "/orgs", as: key, #"{"name":""}"#, "k").status == 422)
            #expect(try await Self.create(gateway, "/orgs", as: key, #"{"name":"B","slug":"free"}"#, "k").status == 201)
        }
    }
}
