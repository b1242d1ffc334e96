import APIGateway
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct OrgTests {
    @Test func anOrganizationIsMadeShownListedAndChanged() async throws {
        try await Gateway.run { gateway in
            let made = try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"Acme","slug":"acme"}"#)
            #expect(made.status == 201)
            #expect(made.headers.first(name: "location") == "/api/v1/orgs/\(made.id)")
            let json = try made.json
            #expect(json["slug"] == "acme")
            #expect(json["sms_verified"] == false && json["suspended"] == false && json["sandbox"] == false)
            #expect(try await gateway.operate(.GET, "/api/v1/orgs/\(made.id)").body == made.body)
            let change = #"{"name":"Acme Ltd","sms_verified":true,"settings":{"cap":30,"window":7}}"#
            let changed = try await gateway.operate(.PATCH, "/api/v1/orgs/\(made.id)", body: change)
            #expect(changed.status == 200)
            #expect(try changed.json["name"] == "Acme Ltd" && changed.json["sms_verified"] == true)
            let second = try await gateway.operate(
                .PATCH,
                "/api/v1/orgs/\(made.id)",
                body: #"{"settings":{"cap":null}}"#
            )
            #expect(try second.json["settings"] == ["window": 7])
            #expect(try second.json["name"] == "Acme Ltd")
        }
    }

    @Test func aTenantChangesItsNameAndSettingsOnly() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let body = #"{"name":"New","settings":{"a":1}}"#
            let changed = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: body)
            #expect(changed.status == 200 && changed.id == org)
            for field in ["sms_verified", "suspended", "sandbox", "id", "slug"] {
                let answer = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: "{\"\(field)\":true}")
                #expect(answer.status == 422, "\(field)")
                #expect(try answer.json["violations"]?[0]?["pointer"]?.string == "/\(field)")
            }
        }
    }

    @Test func aDerivedSlugIsMadeUniqueAndAGivenOneIsNot() async throws {
        try await Gateway.run { gateway in
            let slugs = try await (0..<3).asyncMap { _ in
                try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"Ann's Café, Ltd."}"#).json["slug"]?
                    .string
            }
            #expect(slugs[0] == "ann-s-caf-ltd")
            #expect(Set(slugs).count == 3)
            let taken = try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"B","slug":"ann-s-caf-ltd"}"#)
            #expect(taken.status == 409)
            #expect(taken.code == "slug-taken")
        }
    }

    @Test(arguments: [
        ("Acme", "acme"), ("  a  ", "org-a"), ("日本", "org"), ("A-B--C", "a-b-c"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 50)),
        (String(repeating: "x", count: 49) + " y", String(repeating: "x", count: 49)),
    ])
    func aSlugIsTheNearestToTheName(name: String, slug: String) {
        #expect(Slug(from: name).text == slug)
        #expect(Slug(Slug(from: name).varied().text) != nil)
    }

    @Test(arguments: [
        ("{}", "/name"), (#"{"name":""}"#, "/name"), (#"{"name":7}"#, "/name"), (#"{"name":"a\nb"}"#, "/name"),
        (#"{"name":"A","slug":"A"}"#, "/slug"), (#"{"name":"A","slug":"a"}"#, "/slug"),
        (#"{"name":"A","slug":"-ab"}"#, "/slug"), (#"{"name":"A","slug":"a b"}"#, "/slug"),
        (#"{"name":"A","slug":"\#(String(repeating: "a", count: 61))"}"#, "/slug"),
        (#"{"name":"A","org_id":"x"}"#, "/org_id"), (#"{"name":"A","sandbox":"yes"}"#, "/sandbox"),
        (#"{"name":"A","settings":[]}"#, "/settings"),
        (#"{"name":"A","settings":{"x":"\#(String(repeating: "a", count: 16 * 1024))"}}"#, "/settings"),
        (#"{"name":"\#(String(repeating: "a", count: 201))"}"#, "/name"),
    ])
    func badFieldsAreNamed(body: String, pointer: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.operate(.POST, "/api/v1/orgs", body: body)
            #expect(answer.status == 422)
            #expect(try answer.json["violations"]?[0]?["pointer"]?.string == pointer)
        }
    }

    @Test(arguments: [
        ("{", 400, "malformed-json"), ("", 400, "malformed-json"), (#"{"name":"A","name":"B"}"#, 400, "malformed-json"),
        (#"{"name":"a\u0000"}"#, 400, "malformed-json"), ("[]", 422, "invalid-request"),
    ])
    func brokenBodiesAreRefused(body: String, status: Int, code: String) async throws {
        try await Gateway.run { gateway in
            let answer = try await gateway.operate(.POST, "/api/v1/orgs", body: body)
            #expect(answer.status == status)
            #expect(answer.code == code)
        }
    }

    @Test func pagesFollowEachOther() async throws {
        try await Gateway.run { gateway in
            for name in ["One", "Two", "Three"] { _ = try await gateway.org(name) }
            let first = try await gateway.operate(.GET, "/api/v1/orgs?limit=2").json
            #expect(first["data"]?.array?.map { $0["name"]?.string } == ["One", "Two"])
            let cursor = try #require(first["next_cursor"]?.string)
            let second = try await gateway.operate(.GET, "/api/v1/orgs?limit=2&cursor=\(cursor)").json
            #expect(second["data"]?.array?.map { $0["name"]?.string } == ["Three"])
            #expect(second["next_cursor"] == .null)
            for query in ["limit=0", "limit=201", "cursor=x", "name=One"] {
                let answer = try await gateway.operate(.GET, "/api/v1/orgs?\(query)")
                #expect(answer.status == 400 && answer.code == "invalid-query", "\(query)")
            }
        }
    }

    @Test func operatorRoutesAreTheOperators() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for method in [HTTPMethod.GET, .POST] {
                let answer = try await gateway.call(
                    method,
                    "/api/v1/orgs",
                    key: key.secret,
                    body: method == .GET ? nil : "{}"
                )
                #expect(answer.status == 403 && answer.code == "operator-only")
            }
            let own = try await gateway.call(
                .PATCH,
                "/api/v1/orgs/\(org)",
                key: key.secret,
                body: #"{"sms_verified":true}"#
            )
            #expect(own.status == 404)
        }
    }

    @Test func everyActIsInTheTrail() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            let theirs = ID<AuditEvent>.new(at: Timestamp(microseconds: 0))
            gateway.messaging.answer { call in
                #expect(call.target.hasPrefix("/internal/audit-events"))
                return StubService.json(.ok, #"{"data":[{"id":"\#(theirs)","action":"SENT"}],"next_cursor":null}"#)
            }
            let customers = ID<AuditEvent>.new(at: Timestamp(microseconds: 1000))
            gateway.customers.answer { call in
                #expect(call.target.hasPrefix("/internal/audit-events"))
                return StubService.json(
                    .ok,
                    #"{"data":[{"id":"\#(customers)","action":"CREATED","entity_type":"customer"}],"next_cursor":null}"#
                )
            }
            let inbox = ID<AuditEvent>.new(at: Timestamp(microseconds: 2000))
            gateway.inbox.answer { call in
                #expect(call.target.hasPrefix("/internal/audit-events"))
                return StubService.json(
                    .ok,
                    #"{"data":[{"id":"\#(inbox)","action":"UPDATED","entity_type":"inbox"}],"next_cursor":null}"#
                )
            }
            _ = try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: #"{"name":"New"}"#)
            _ = try await gateway.operate(.DELETE, "/api/v1/keys/\(key.id)", for: org)
            let trail = try await gateway.operate(.GET, "/api/v1/audit-events", for: org).json
            let lines = trail["data"]?.array?.map { "\($0["action"]?.string ?? "") \($0["entity_type"]?.string ?? "")" }
            #expect(
                lines == [
                    "DELETED api_key", "UPDATED org", "CREATED api_key", "CREATED org", "UPDATED inbox",
                    "CREATED customer", "SENT ",
                ]
            )
            #expect(trail["data"]?[1]?["actor"]?.string == "key:\(key.id)")
            #expect(trail["data"]?[1]?["detail"] == ["name": ["from": "Acme", "to": "New"], "client": "127.0.0.1"])
            #expect(trail["next_cursor"] == .null)
            let page = try await gateway.operate(.GET, "/api/v1/audit-events?limit=2", for: org).json
            let cursor = try #require(page["next_cursor"]?.string)
            let rest = try await gateway.operate(.GET, "/api/v1/audit-events?limit=3&cursor=\(cursor)", for: org).json
            #expect(rest["data"]?.array?.map { $0["action"]?.string } == ["CREATED", "CREATED", "UPDATED"])
            let created = try await gateway.operate(.GET, "/api/v1/audit-events?action=UPDATED,DELETED", for: org).json
            #expect(created["data"]?.array?.count == 5)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
