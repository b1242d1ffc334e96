import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct CustomerTests {
    private static let ann = """
        {"name": "Ann Lee", "first_name": "Ann", "timezone": "Europe/Berlin", "language": "de-CH", "guest": false,
         "identities": [{"kind": "phone", "value": "+1 (415) 555-0100"}, {"kind": "email", "value": "Ann@EXAMPLE.com"},
                        {"kind": "whatsapp", "value": "4915112345678"}, {"kind": "external", "value": "c-7"}],
         "fields": {"tier": "gold", "age": 41.50, "vip": true}, "groups": ["vip", "news", "vip"]}
        """

    @Test func aCustomerIsShownAsMade() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let made = try await tenant(.POST, "/customers", Self.ann)
            #expect(made.status == 201)
            #expect(made.headers.first(name: "location") == "/api/v1/customers/\(made.id)")
            let json = made.json
            #expect(json["name"] == "Ann Lee" && json["first_name"] == "Ann" && json["guest"] == false)
            #expect(json["timezone"] == "Europe/Berlin" && json["language"] == "de-CH")
            #expect(json["fields"]?.text == #"{"tier":"gold","age":41.50,"vip":true}"#)
            #expect(json["groups"] == ["news", "vip"])
            let identities = (json["identities"]?.array ?? []).map {
                "\($0["kind"]?.string ?? "") \($0["value"]?.string ?? "")"
            }
            #expect(
                Set(identities) == [
                    "phone +14155550100", "phone +4915112345678", "email Ann@example.com", "external c-7",
                ]
            )
            #expect(try await tenant(.GET, "/customers/\(made.id)").text == made.text)
            let resolved = try await service.api.resolve([
                .address(orgID: tenant.orgID, Address(kind: .phone, value: "+14155550100"))
            ])
            #expect(resolved[0].customerID?.description == made.id)
        }
    }

    @Test(arguments: ["00000000-0000-7000-8000-000000000000", "7"])
    func whatNobodyHasIsNotFound(id: String) async throws {
        try await RunningService.run { service in
            let (tenant, other) = (Tenant(service), Tenant(service))
            let theirs = try await other.customer()
            for id in [id, theirs] {
                for (method, path, body) in [
                    ("GET", "", nil), ("PATCH", "", "{}"), ("GET", "/consents", nil), ("GET", "/consents/history", nil),
                    ("POST", "/identities", #"{"kind":"phone","value":"+14155550100"}"#),
                    ("DELETE", "/identities?kind=phone&value=%2B14155550100", nil),
                    ("POST", "/merge", #"{"from":"\#(try await tenant.customer())"}"#),
                    ("PUT", "/consents", #"{"channel":"sms","purpose":"marketing","status":"opted_in"}"#),
                ] as [(String, String, String?)] {
                    let answer = try await tenant(.init(rawValue: method), "/customers/\(id)\(path)", body)
                    #expect(answer.status == 404 && answer.code == "not-found", "\(method) \(path) \(answer.text)")
                }
            }
        }
    }

    /// A body, and where it is at fault.
    @Test(arguments: [
        (#"{"nickname":"A"}"#, ["/nickname"]), (#"{"name":""}"#, ["/name"]), (#"{"name":"a\nb"}"#, ["/name"]),
        (#"{"name":7,"first_name":[]}"#, ["/name", "/first_name"]), (#"{"guest":"yes"}"#, ["/guest"]),
        (#"{"timezone":"Mars/Base"}"#, ["/timezone"]), (#"{"timezone":"europe/berlin"}"#, ["/timezone"]),
        (#"{"timezone":"GMT+3"}"#, ["/timezone"]), (#"{"language":"d"}"#, ["/language"]),
        (#"{"language":"de_DE"}"#, ["/language"]), (#"{"language":"de-"}"#, ["/language"]),
        (#"{"identities":[{"kind":"fax","value":"1"}]}"#, ["/identities/0/kind"]),
        (#"{"identities":[{"kind":"phone"}]}"#, ["/identities/0/value"]),
        (
            #"{"identities":[{"kind":"phone","value":"+14155550100"},{"kind":"phone","value":"555"}]}"#,
            ["/identities/1/value"]
        ),
        (
            #"{"identities":[{"kind":"phone","value":"+1 415 5550100"},{"kind":"phone","value":"+14155550100"}]}"#,
            ["/identities/1"]
        ),
        (#"{"identities":[{"kind":"phone","value":"+14155550100","label":"x"}]}"#, ["/identities/0/label"]),
        (#"{"identities":[{"kind":"whatsapp","value":"us.1"}]}"#, ["/identities/0/value"]),
        (#"{"identities":[{"kind":"email","value":"ann@localhost"}]}"#, ["/identities/0/value"]),
        (#"{"identities":{}}"#, ["/identities"]), (#"{"groups":[""]}"#, ["/groups/0"]),
        (#"{"groups":["a\tb"]}"#, ["/groups/0"]),
        (#"{"fields":{"a/b":[1]}}"#, ["/fields/a~1b"]),
        (#"{"fields":{"":1}}"#, ["/fields"]), (#"{"fields":[]}"#, ["/fields"]), ("[]", [""]),
    ])
    func whatIsWrongIsSaid(body: String, pointers: [String]) async throws {
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.POST, "/customers", body)
            #expect(answer.status == 422 && answer.code == "invalid-request", "\(answer.text)")
            #expect(answer.pointers == pointers)
        }
    }

    /// How many of what, and whether it is too many.
    @Test(arguments: [
        ("fields", 100, 201), ("fields", 101, 422), ("identities", 50, 201), ("identities", 51, 422),
        ("groups", 100, 201),
        ("groups", 101, 422), ("bytes", 16384, 201), ("bytes", 16385, 422), ("name", 200, 201), ("name", 201, 422),
    ])
    func everyLimitHolds(what: String, count: Int, status: Int) async throws {
        let body =
            switch what {
            case "fields": #"{"fields":{\#((0..<count).map { "\"f\($0)\":\($0)" }.joined(separator: ","))}}"#
            case "identities":
                #"{"identities":[\#((0..<count).map { #"{"kind":"external","value":"\#($0)"}"# }.joined(separator: ","))]}"#
            case "groups": #"{"groups":[\#((0..<count).map { "\"g\($0)\"" }.joined(separator: ","))]}"#
            // {"f":"…"} is 8 bytes and the text.
            case "bytes": #"{"fields":{"f":"\#(String(repeating: "x", count: count - 8))"}}"#
            default: #"{"name":"\#(String(repeating: "ü", count: count))"}"#
            }
        try await RunningService.run { service in
            let answer = try await Tenant(service)(.POST, "/customers", body)
            #expect(answer.status == status, "\(answer.text.prefix(300))")
        }
    }

    @Test func fieldsChangeOneByOneAndNullRemoves() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.ann)
            let body = """
                {"name": null, "language": "en", "guest": true, "fields": {"age": null, "tier": "iron"}, "groups": ["b"]}
                """
            let changed = try await tenant(.PATCH, "/customers/\(id)", body)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.json["name"] == .null && changed.json["first_name"] == "Ann")
            #expect(changed.json["language"] == "en" && changed.json["timezone"] == "Europe/Berlin")
            #expect(changed.json["guest"] == true && changed.json["groups"] == ["b"])
            #expect(changed.json["fields"]?.text == #"{"tier":"iron","vip":true}"#)
            #expect(try await tenant(.GET, "/customers?field.tier=gold").ids == [])
            #expect(try await tenant(.GET, "/customers?field.tier=iron").ids == [id])
            let empty = try await tenant(.PATCH, "/customers/\(id)", "{}")
            #expect(empty.status == 200 && empty.json["fields"] == changed.json["fields"])
            let refused = try await tenant(.PATCH, "/customers/\(id)", #"{"identities":[]}"#)
            #expect(refused.status == 422 && refused.pointers == ["/identities"])
        }
    }

    @Test func aChangeThatMakesTooManyFieldsIsRefused() async throws {
        let many = (0..<60).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
        let more = (60..<101).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(#"{"fields":{\#(many)}}"#)
            let refused = try await tenant(.PATCH, "/customers/\(id)", #"{"fields":{\#(more)}}"#)
            #expect(refused.status == 422 && refused.pointers == ["/fields"])
            let swapped = try await tenant(.PATCH, "/customers/\(id)", #"{"fields":{\#(more),"f0":null}}"#)
            #expect(swapped.status == 200 && swapped.json["fields"]?.object?.count == 100)
        }
    }

    @Test func everyChangeIsInTheTrailWithoutWhatItWasAbout() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.ann)
            _ = try await tenant(.PATCH, "/customers/\(id)", #"{"name":"Secret Name"}"#)
            _ = try await tenant(.POST, "/customers/\(id)/identities", #"{"kind":"push","value":"secret-token"}"#)
            let trail = try await tenant(.GET, "/audit-events?entity_id=\(id)")
            #expect(trail.data.map { $0["action"]?.string } == ["UPDATED", "UPDATED", "CREATED"])
            #expect(trail.data.allSatisfy { $0["actor"] == "key:test" && $0["entity_type"] == "customer" })
            #expect(trail.data[1]["detail"]?.text == #"{"act":"edit","changed":["name"]}"#)
            #expect(!trail.text.lowercased().contains("secret") && !trail.text.contains("Ann"))
            #expect(try await tenant(.GET, "/audit-events?action=CREATED&limit=1").ids.count == 1)
            #expect(try await Tenant(service)(.GET, "/audit-events").data == [])
        }
    }
}
