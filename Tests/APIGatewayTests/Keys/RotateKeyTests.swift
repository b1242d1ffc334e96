import APIGateway
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct RotateKeyTests {
    private func status(of secret: String, at gateway: Gateway) async throws -> Int {
        try await gateway.call(.GET, "/api/v1/org", key: secret).status
    }

    private func rotate(_ id: String, with key: String, at gateway: Gateway, body: String? = nil) async throws
        -> Gateway.Answer
    {
        try await gateway.call(.POST, "/api/v1/keys/\(id)/rotate", key: key, body: body)
    }

    @Test func theOldKeyGoesOnForTheOverlapAndNoLonger() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            let more = #","rate_limit":{"per_second":50,"burst":70}"#
            let old = try await gateway.key(of: org, scopes: ["keys:write", "org:read"], mode: "test", more: more)
            let made = try await self.rotate(old.id, with: old.secret, at: gateway, body: #"{"overlap_seconds":600}"#)
            #expect(made.status == 201, "\(made.body)")
            #expect(made.headers.first(name: "cache-control") == "no-store")
            let new = try #require(try made.json["secret"]?.string)
            #expect(new.hasPrefix("hk_test_"))
            #expect(try made.json["replaces"]?.string == old.id)
            #expect(try made.json["scopes"] == ["org:read", "keys:write"])
            #expect(try made.json["rate_limit"] == ["per_second": 50, "burst": 70])
            gateway.time.advance(by: .seconds(599))
            #expect(try await self.status(of: old.secret, at: gateway) == 200)
            #expect(try await self.status(of: new, at: gateway) == 200)
            gateway.time.advance(by: .seconds(1))
            #expect(try await self.status(of: old.secret, at: gateway) == 401)
            #expect(try await self.status(of: new, at: gateway) == 200)
        }
    }

    @Test func withoutAnOverlapTheOldKeyEndsAtOnceAndByDefaultAfterADay() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let day = try await gateway.key(of: org)
            #expect(try await self.rotate(day.id, with: key.secret, at: gateway).status == 201)
            #expect(
                try await self.rotate(key.id, with: key.secret, at: gateway, body: #"{"overlap_seconds":0}"#).status
                    == 201
            )
            #expect(try await self.status(of: key.secret, at: gateway) == 401)
            gateway.time.advance(by: .seconds(86_399))
            #expect(try await self.status(of: day.secret, at: gateway) == 200)
            gateway.time.advance(by: .seconds(1))
            #expect(try await self.status(of: day.secret, at: gateway) == 401)
        }
    }

    /// A key and its successor: whatever is rotated, no third one is made while both are in force.
    @Test func aPurposeHasTwoLiveKeysAtMost() async throws {
        try await Gateway.run { gateway in
            let (_, first) = try await gateway.tenant()
            let made = try await self.rotate(first.id, with: first.secret, at: gateway)
            let second = try #require(try made.json["secret"]?.string)
            let again = try await self.rotate(first.id, with: second, at: gateway)
            #expect(again.status == 409 && again.code == "key-rotated")
            #expect(try again.json["detail"] == .string("It is \(made.id)."))
            let further = try await self.rotate(made.id, with: second, at: gateway)
            #expect(further.status == 409 && further.code == "key-rotation-under-way")
            #expect(try await gateway.call(.DELETE, "/api/v1/keys/\(first.id)", key: second).status == 204)
            #expect(try await self.rotate(first.id, with: second, at: gateway).code == "key-ended")
            #expect(try await self.rotate(made.id, with: second, at: gateway).status == 201)
            let keys = try await gateway.call(.GET, "/api/v1/keys", key: second).json["data"]?.array
            #expect(keys?.count == 3)
            #expect(keys?.count { $0["revoked_at"] == .null } == 2)
        }
    }

    /// Whoever lost the answer asks again with the same key, and has the secret; everybody else is told what happened.
    @Test func aRepeatedRotationShowsTheSameKeyToWhoAskedForIt() async throws {
        try await Gateway.run { gateway in
            let (org, first) = try await gateway.tenant()
            let other = try await gateway.key(of: org)
            func rotate(_ key: String, body: String = "{}") async throws -> Gateway.Answer {
                try await gateway.call(
                    .POST,
                    "/api/v1/keys/\(first.id)/rotate",
                    key: key,
                    [("idempotency-key", "again")],
                    body: body
                )
            }
            let made = try await rotate(first.secret)
            #expect(made.status == 201, "\(made.body)")
            let again = try await rotate(first.secret)
            #expect(again.status == 201)
            #expect(again.body == made.body)
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            #expect(again.headers.first(name: "cache-control") == "no-store")
            let reused = try await rotate(first.secret, body: #"{"overlap_seconds":0}"#)
            #expect(reused.status == 422 && reused.code == "idempotency-key-reused")
            let stranger = try await rotate(other.secret)
            #expect(stranger.status == 409 && stranger.code == "key-rotated")
            let keys = try await gateway.call(.GET, "/api/v1/keys", key: other.secret).json["data"]?.array
            #expect(keys?.count == 3)
        }
    }

    /// When a key was used last is no change of it, or nobody could ever name its tag.
    @Test func itsUseDoesNotChangeTheTagOfAKey() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let other = try await gateway.key(of: org)
            let path = "/api/v1/keys/\(other.id)"
            let seen = try await gateway.call(.GET, path, key: key.secret)
            let tag = try #require(seen.headers.first(name: "etag"))
            let id = try #require(OrgID(org))
            try await TestDatabase.connection.transaction(for: [id]) { connection in
                _ = try connection.query("UPDATE api_keys SET last_used_at = now() WHERE org_id = \(id)")
            }
            let used = try await gateway.call(.GET, path, key: key.secret)
            #expect(try used.json["last_used_at"] != .null)
            #expect(used.headers.first(name: "etag") == tag)
            let stale = try await gateway.call(.DELETE, path, key: key.secret, [("if-match", "\"other\"")])
            #expect(stale.status == 412 && stale.code == "precondition-failed")
            #expect(try await gateway.call(.DELETE, path, key: key.secret, [("if-match", tag)]).status == 204)
        }
    }

    /// Of rotations that come together, one makes a key.
    @Test func rotationsAtTheSameTimeMakeOneKey() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask { try await self.rotate(key.id, with: key.secret, at: gateway).status }
                }
                return try await tasks.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1)
            #expect(statuses.count { $0 == 409 } == 7)
        }
    }

    @Test func aKeyRotatesWithinWhatItMayGiveAndOnlyItsOwnOrganizations() async throws {
        try await Gateway.run { gateway in
            let (org, strong) = try await gateway.tenant("A")
            let weak = try await gateway.key(of: org, scopes: ["keys:write"])
            let other = try await gateway.tenant("B").key
            let exceeding = try await self.rotate(strong.id, with: weak.secret, at: gateway)
            #expect(exceeding.status == 403 && exceeding.code == "key-exceeds-maker")
            #expect(try await self.rotate(strong.id, with: other.secret, at: gateway).status == 404)
            let reader = try await gateway.key(of: org, scopes: ["keys:read"])
            #expect(try await self.rotate(weak.id, with: reader.secret, at: gateway).code == "missing-scope")
            let far = try await self.rotate(
                weak.id,
                with: strong.secret,
                at: gateway,
                body: #"{"overlap_seconds":2592001}"#
            )
            #expect(far.status == 422)
            #expect(try far.json["violations"]?[0]?["pointer"] == "/overlap_seconds")
        }
    }

    @Test func aRotationByTheOperatorIsInTheTrail() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for service in [gateway.messaging, gateway.inbox] { service.answer(StubService.emptyTrail) }
            let made = try await gateway.operate(.POST, "/api/v1/keys/\(key.id)/rotate", for: org)
            #expect(made.status == 201)
            let trail = try await gateway.operate(.GET, "/api/v1/audit-events?limit=2", for: org).json
            let lines = trail["data"]?.array ?? []
            #expect(lines.map { $0["actor"]?.string } == ["operator", "operator"])
            #expect(lines.contains { $0["detail"]?["replaced_by"]?.string == made.id })
            #expect(!trail.text.contains("hk_"))
        }
    }

    @Test func nameAndLimitOfAKeyAreChangedAndNothingElse() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let body = #"{"name":"batch","rate_limit":{"per_second":5}}"#
            let changed = try await gateway.call(.PATCH, "/api/v1/keys/\(key.id)", key: key.secret, body: body)
            #expect(changed.status == 200)
            #expect(try changed.json["name"] == "batch")
            #expect(try changed.json["rate_limit"] == ["per_second": 5, "burst": 5])
            // It is held to it now, and can not free itself.
            for limit in ["null", #"{"per_second":6}"#] {
                let body = "{\"rate_limit\":\(limit)}"
                let refused = try await gateway.call(.PATCH, "/api/v1/keys/\(key.id)", key: key.secret, body: body)
                #expect(refused.status == 403 && refused.code == "key-exceeds-maker", "\(limit)")
            }
            let made = try await gateway.call(.POST, "/api/v1/keys", key: key.secret, body: #"{"name":"x"}"#)
            #expect(try made.json["rate_limit"] == ["per_second": 5, "burst": 5])
            for field in ["scopes", "mode", "expires_at", "secret"] {
                let body = "{\"\(field)\":\"x\"}"
                let refused = try await gateway.operate(.PATCH, "/api/v1/keys/\(key.id)", for: org, body: body)
                #expect(refused.status == 422, "\(field)")
            }
            let freed = try await gateway.operate(
                .PATCH,
                "/api/v1/keys/\(key.id)",
                for: org,
                body: #"{"rate_limit":null}"#
            )
            #expect(try freed.json["rate_limit"] == .null)
        }
    }

    /// Revoked in one gateway, refused by another a second later, whose clock is its own.
    @Test func aKeyRevokedInOneGatewayIsRefusedByAnotherAfterASecond() async throws {
        try await Gateway.run { first in
            try await Gateway.run { second in
                let (_, key) = try await first.tenant()
                #expect(try await self.status(of: key.secret, at: second) == 200)
                #expect(try await first.call(.DELETE, "/api/v1/keys/\(key.id)", key: key.secret).status == 204)
                second.time.advance(by: .seconds(1))
                #expect(try await self.status(of: key.secret, at: second) == 401)
            }
        }
    }
}
