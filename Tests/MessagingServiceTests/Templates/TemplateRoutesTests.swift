import MessagingService
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// Templates over HTTP: made once, changed by versions, listed, shown, tried out and removed.
@Suite(.messaging, .timeLimit(.minutes(5))) struct TemplateRoutesTests {
    private static let sms = #"{"code":"code","channel":"sms","body":"Your code is {{code}}.","variables":{"code":{}}}"#

    @Test func aTemplateIsMadeAndShown() async throws {
        try await Self.withTenant { call in
            let made = try await call(.POST, "", Self.sms)
            #expect(made.status == 201)
            let id = try #require(made.body["id"]?.string)
            #expect(made.headers.first(name: "location") == "/api/v1/templates/\(id)")
            #expect(
                made.body.object?.names == [
                    "id", "org_id", "code", "channel", "language", "version", "subject", "body", "html", "variables",
                    "whatsapp", "created_at", "updated_at",
                ]
            )
            #expect(made.body["language"] == "en")
            #expect(made.body["version"] == 1)
            #expect(made.body["variables"] == ["code": ["default": .null]])
            #expect(made.body["html"] == .null)
            let shown = try await call(.GET, "/\(id)")
            #expect(shown.body == made.body)
        }
    }

    @Test func eachChangeIsAVersionAndTheOldOnesStay() async throws {
        try await Self.withTenant { call in
            let id = try #require(try await call(.POST, "", Self.sms).body["id"]?.string)
            let second = try await call(.PATCH, "/\(id)", #"{"body":"Code: {{code}}"}"#)
            #expect(second.status == 200)
            #expect(second.body["version"] == 2)
            #expect(second.body["body"] == "Code: {{code}}")
            // A change that changes nothing is none.
            #expect(try await call(.PATCH, "/\(id)", #"{"body":"Code: {{code}}"}"#).body["version"] == 2)
            #expect(try await call(.PATCH, "/\(id)", #"{"body":"{{code}}!","variables":null}"#).body["version"] == 3)
            #expect(try await call(.GET, "/\(id)").body["body"] == "{{code}}!")
            #expect(try await call(.GET, "/\(id)?version=1").body["body"] == "Your code is {{code}}.")
            #expect(try await call(.GET, "/\(id)?version=2").body == second.body)
            #expect(try await call(.GET, "/\(id)?version=4").status == 404)
            let versions = try await call(.GET, "/\(id)/versions").body["data"]?.array ?? []
            #expect(versions.map { $0["version"]?.int } == [3, 2, 1])
            #expect(versions.first?["actor"] == "key:person")
        }
    }

    @Test func changesAtTheSameTimeAreOneAfterAnother() async throws {
        try await Self.withTenant { call in
            let id = try #require(try await call(.POST, "", Self.sms).body["id"]?.string)
            let versions = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await call(.PATCH, "/\(id)", #"{"body":"\#(number) {{code}}"}"#).body["version"]?.int
                    }
                }
                return try await group.reduce(into: Set<Int?>()) { $0.insert($1) }
            }
            #expect(versions == Set((2...9).map { $0 }))
        }
    }

    @Test func oneOfACodeAChannelAndALanguage() async throws {
        try await Self.withTenant { call in
            #expect(try await call(.POST, "", Self.sms).status == 201)
            let again = try await call(.POST, "", Self.sms)
            #expect(again.status == 409)
            #expect(again.code == "template-taken")
            let german = Self.sms.replacing(#""code","#, with: #""code","language":"de","#)
            #expect(try await call(.POST, "", german).status == 201)
            #expect(try await call(.POST, "", Self.sms.replacing("sms", with: "inapp")).status == 201)
        }
    }

    @Test func theSameKeyMakesOne() async throws {
        try await Self.withTenant { call in
            let keyed = #"{"idempotency_key":"k","# + Self.sms.dropFirst()
            let first = try await call(.POST, "", keyed)
            let second = try await call(.POST, "", keyed)
            #expect(first.status == 201)
            #expect(second.status == 201)
            #expect(second.body == first.body)
            #expect(first.headers.first(name: "idempotency-replayed") == nil)
            #expect(second.headers.first(name: "idempotency-replayed") == "true")
            #expect(second.headers.first(name: "location") == first.headers.first(name: "location"))
            let other = try await call(.POST, "", keyed.replacing("Your", with: "The"))
            #expect(other.status == 422)
            #expect(other.code == "idempotency-key-reused")
            #expect(try await call(.GET, "").body["data"]?.array?.count == 1)
            // What failed has not used its key.
            let taken = #"{"idempotency_key":"l","# + Self.sms.dropFirst()
            #expect(try await call(.POST, "", taken).code == "template-taken")
            #expect(try await call(.POST, "", taken.replacing("sms", with: "inapp")).status == 201)
        }
    }

    @Test func listsAreFilteredAndPaged() async throws {
        try await Self.withTenant { call in
            for (code, channel, language) in [("a", "sms", "en"), ("a", "inapp", "de"), ("b", "push", "en")] {
                let body =
                    #"{"code":"\#(code)","channel":"\#(channel)","language":"\#(language)","body":"B"}"#
                #expect(try await call(.POST, "", body).status == 201)
            }
            func names(_ query: String) async throws -> [String] {
                let data = try await call(.GET, "?\(query)").body["data"]?.array ?? []
                return data.map { ($0["code"]?.string ?? "") + "-" + ($0["channel"]?.string ?? "") }
            }
            #expect(try await names("limit=50") == ["b-push", "a-inapp", "a-sms"])
            #expect(try await names("code=a") == ["a-inapp", "a-sms"])
            #expect(try await names("channel=sms,push") == ["b-push", "a-sms"])
            #expect(try await names("language=de") == ["a-inapp"])
            #expect(try await names("code=a&channel=sms&language=de") == [])
            let first = try await call(.GET, "?limit=2")
            let cursor = try #require(first.body["next_cursor"]?.string)
            #expect(try await names("limit=2&cursor=\(cursor)") == ["a-sms"])
            #expect(try await call(.GET, "?colour=red").status == 400)
        }
    }

    @Test func aPreviewIsAsAMessageWouldBe() async throws {
        try await Self.withTenant { call in
            let email = """
                {"code":"hi","channel":"email","language":"pt-BR","subject":"Olá {{name}}","html":"<b>{{name}}</b>"}
                """
            let id = try #require(try await call(.POST, "", email).body["id"]?.string)
            let preview = try await call(.POST, "/\(id)/preview", #"{"parameters":{"name":"A\n& B"}}"#)
            #expect(
                preview.body.text == """
                    {"code":"hi","channel":"email","language":"pt-BR","version":1,\
                    "rendered":{"body":"A & B","subject":"Olá A & B","html":"<b>A\\n&amp; B</b>"}}
                    """
            )
            let missing = try await call(.POST, "/\(id)/preview")
            #expect(missing.status == 422)
            #expect(missing.pointers == ["/parameters/name"])
            let unknown = try await call(.POST, "/\(id)/preview", #"{"parameters":{"name":"A","x":"y"}}"#)
            #expect(unknown.pointers == ["/parameters/x"])
            #expect(try await call(.POST, "/\(id)/preview", #"{"version":2}"#).status == 404)
            #expect(try await call(.POST, "/\(TemplateID.new())/preview").status == 404)
        }
    }

    @Test func whatIsNotKeptCanBeTriedOut() async throws {
        try await Self.withTenant { call in
            let body = #"{"template":\#(Self.sms),"parameters":{"code":123}}"#
            let tried = try await call(.POST, "/preview", body)
            #expect(tried.status == 200)
            #expect(tried.body["rendered"] == ["body": "Your code is 123."])
            #expect(tried.body["version"] == .null)
            let wrong = try await call(.POST, "/preview", #"{"template":{"code":"a","channel":"sms","body":"{{#a}}"}}"#)
            #expect(wrong.status == 422)
            #expect(wrong.pointers == ["/template/body"])
            #expect(wrong.body["violations"]?[0]?["detail"]?.string?.contains("no loops") == true)
            #expect(try await call(.POST, "/preview", "{}").pointers.contains("/template"))
            #expect(try await call(.GET, "").body["data"] == [])
            let whatsapp = """
                {"template":{"code":"o","channel":"whatsapp","whatsapp":{"name":"order",\
                "components":[{"type":"BODY","text":"Hello {{1}}"}]}},"parameters":{"1":"Ann"}}
                """
            #expect(
                try await call(.POST, "/preview", whatsapp).body["rendered"]?["template"]?["components"]?.text
                    == #"[{"type":"body","parameters":[{"type":"text","text":"Ann"}]}]"#
            )
        }
    }

    @Test func aRemovedTemplateIsGoneWithItsVersions() async throws {
        try await Self.withTenant { call in
            let id = try #require(try await call(.POST, "", Self.sms).body["id"]?.string)
            _ = try await call(.PATCH, "/\(id)", #"{"body":"{{code}}"}"#)
            #expect(try await call(.DELETE, "/\(id)").status == 204)
            for (method, path) in [(HTTPMethod.GET, ""), (.DELETE, ""), (.GET, "/versions"), (.PATCH, "")] {
                let body = method == .PATCH ? #"{"body":"B"}"# : nil
                #expect(try await call(method, "/\(id)\(path)", body).status == 404, "\(method) \(path)")
            }
            #expect(try await call(.POST, "", Self.sms).status == 201)
        }
    }

    @Test func nobodyElseReachesIt() async throws {
        try await RunningService.run { service in
            let (ours, theirs) = (OrgID.new(), OrgID.new())
            let made = try await service.call(.POST, "/internal/templates", for: ours, body: Self.sms)
            let path = "/internal/templates/\(try #require(made.body["id"]?.string))"
            for (method, path, body) in [
                (HTTPMethod.GET, path, nil), (.PATCH, path, #"{"body":"B"}"#), (.DELETE, path, nil),
                (.GET, "\(path)/versions", nil), (.POST, "\(path)/preview", "{}"),
            ] as [(HTTPMethod, String, String?)] {
                #expect(
                    try await service.call(method, path, for: theirs, body: body).status == 404,
                    "\(method) \(path)"
                )
            }
            #expect(try await service.call(.GET, "/internal/templates", for: theirs).body["data"] == [])
            #expect(try await service.call(.POST, "/internal/templates", for: theirs, body: Self.sms).status == 201)
            #expect(try await service.call(.GET, path, for: ours).body == made.body)
        }
    }

    @Test func eachActIsInTheTrail() async throws {
        try await RunningService.run { service in
            let orgID = OrgID.new()
            let made = try await service.call(.POST, "/internal/templates", for: orgID, body: Self.sms)
            let id = try #require(made.body["id"]?.string)
            _ = try await service.call(.PATCH, "/internal/templates/\(id)", for: orgID, body: #"{"body":"{{code}}"}"#)
            _ = try await service.call(.DELETE, "/internal/templates/\(id)", for: orgID)
            let trail = try await service.call(.GET, "/internal/audit-events?entity_id=\(id)", for: orgID)
            let events = trail.body["data"]?.array ?? []
            #expect(events.map { $0["action"] } == ["DELETED", "UPDATED", "CREATED"])
            #expect(Set(events.map { $0["entity_type"]?.string }) == ["template"])
            #expect(events[1]["detail"] == ["changed": ["body"], "version": 2, "act": "edit"])
            #expect(!trail.body.text.contains("Your code"))
        }
    }

    @Test(
        "What is wrong is named",
        arguments: [
            ("{}", 422, ["/code", "/channel", "/body"]),
            (#"{"code":"a","channel":"fax","body":"B"}"#, 422, ["/channel"]),
            (#"{"code":"a\nb","channel":"sms","body":"B"}"#, 422, ["/code"]),
            (#"{"code":"a","channel":"sms","body":"B","language":"e n"}"#, 422, ["/language"]),
            (#"{"code":"a","channel":"sms","body":"B","version":2}"#, 422, ["/version"]),
            (#"{"code":"a","channel":"sms","body":"{{a"}"#, 422, ["/body"]),
            (#"{"code":"a","channel":"sms","body":"\#(String(repeating: "x", count: 1 << 20))"}"#, 413, []),
            (#"{"code":"a","channel":"sms","body":"a\u0000b"}"#, 400, []),
        ] as [(String, Int, [String])]
    )
    func faults(body: String, status: Int, pointers: [String]) async throws {
        try await Self.withTenant { call in
            let answer = try await call(.POST, "", body)
            #expect(answer.status == status)
            #expect(answer.pointers == pointers)
            if status == 413 { #expect(answer.code == "body-too-large") }
        }
    }

    @Test(
        "A change is checked as the whole",
        arguments: [
            ("{}", [""]), ("[]", [""]), (#"{"code":"b"}"#, ["/code"]),
            (#"{"channel":"push","language":"de"}"#, ["/channel", "/language"]),
            (#"{"body":null}"#, ["/body", "/variables/code"]), (#"{"body":"{{x}}"}"#, ["/variables/code"]),
            (#"{"html":"H"}"#, ["/html"]), (#"{"body":"{{>x}}"}"#, ["/body", "/variables/code"]),
        ]
    )
    func wrongChanges(body: String, pointers: [String]) async throws {
        try await Self.withTenant { call in
            let id = try #require(try await call(.POST, "", Self.sms).body["id"]?.string)
            let answer = try await call(.PATCH, "/\(id)", body)
            #expect(answer.status == 422)
            #expect(answer.pointers == pointers)
            #expect(try await call(.GET, "/\(id)").body["version"] == 1)
        }
    }

    /// One organization's calls of a running service, below `/internal/templates`.
    private struct Tenant: Sendable {
        let service: RunningService
        let orgID = OrgID.new()

        func callAsFunction(
            _ method: HTTPMethod,
            _ path: String,
            _ body: String? = nil
        ) async throws -> RunningService.Answer {
            try await self.service.call(method, "/internal/templates\(path)", for: self.orgID, body: body)
        }
    }

    private static func withTenant(_ body: @Sendable (Tenant) async throws -> Void) async throws {
        try await RunningService.run { try await body(Tenant(service: $0)) }
    }
}
