import CustomerService
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct CustomerBatchTests {
    private static func batch(_ customers: String...) -> String {
        #"{"customers":[\#(customers.joined(separator: ","))]}"#
    }

    private static func email(_ name: String, _ more: String = "") -> String {
        #"{"identities":[{"kind":"email","value":"\#(name)@example.com"}]\#(more)}"#
    }

    private static func statuses(_ answer: Tenant.Answer) -> [Int?] { answer.data.map { $0["status"]?.int } }

    private static func auditCount(of orgID: OrgID) async throws -> Int {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query("SELECT count(*) AS count FROM audit_events")[0].get("count")
        }
    }

    @Test func newCustomersAreMadeWithAllThatIsSaid() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service, region: "DE")
            let answer = try await tenant(
                .POST,
                "/customers/batch",
                Self.batch(
                    """
                    {"name":"Ann Lee","first_name":"Ann","language":"de","timezone":"Europe/Berlin","guest":true,
                     "identities":[{"kind":"phone","value":"0171 1234567"},{"kind":"whatsapp","value":"491711234567"},
                                   {"kind":"external","value":"7"}],
                     "fields":{"tier":"gold"},"groups":["vip","news"],
                     "consents":[{"channel":"sms","purpose":"marketing","status":"opted_in","source":"fair"}]}
                    """,
                    Self.email("bob")
                )
            )
            #expect(answer.status == 207)
            #expect(Self.statuses(answer) == [201, 201])
            #expect(answer.data.map { $0["index"]?.int } == [0, 1])
            let ann = try await tenant(.GET, "/customers/\(answer.ids[0])").json
            #expect(ann["name"] == "Ann Lee" && ann["first_name"] == "Ann" && ann["guest"] == true)
            #expect(ann["language"] == "de" && ann["timezone"] == "Europe/Berlin")
            #expect(ann["groups"] == ["news", "vip"])
            let addresses = (ann["identities"]?.array ?? []).compactMap { $0["value"]?.string }
            #expect(Set(addresses) == ["+491711234567", "7"])
            #expect(try await tenant(.GET, "/customers?field.tier=gold").ids == [answer.ids[0]])
            let consents = try await tenant(.GET, "/customers/\(answer.ids[0])/consents").data
            #expect(consents.map { $0["source"] } == ["fair"])
        }
    }

    @Test func whoIsKnownByAnyAddressIsChangedAndWhatIsNotNamedStays() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(
                #"{"name":"Ann","language":"de","identities":[{"kind":"email","value":"ann@example.com"}],"fields":{"a":1,"b":2},"groups":["vip"]}"#
            )
            let phone = #"{"kind":"phone","value":"+14155550100"}"#
            let answer = try await tenant(
                .POST,
                "/customers/batch",
                Self.batch(
                    #"{"name":"Ann Lee","identities":[\#(phone),{"kind":"email","value":"ann@EXAMPLE.com"}],"fields":{"b":null,"c":"x"},"groups":["news"]}"#
                )
            )
            #expect(Self.statuses(answer) == [200])
            #expect(answer.ids == [id])
            let ann = try await tenant(.GET, "/customers/\(id)").json
            #expect(ann["name"] == "Ann Lee" && ann["language"] == "de")
            #expect(ann["fields"]?.text == #"{"a":1,"c":"x"}"#)
            #expect(ann["groups"] == ["news", "vip"])
            #expect(ann["identities"]?.array?.count == 2)
            #expect(try await tenant(.GET, "/customers?field.c=x").ids == [id])
            #expect(try await tenant(.GET, "/customers?field.b=2").ids == [])
        }
    }

    @Test func theSameAgainWritesNothing() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let consent =
                #","consents":[{"channel":"email","purpose":"marketing","status":"opted_in","source":"import"}]"#
            let body = Self.batch(Self.email("ann", #","name":"Ann","groups":["vip"],"fields":{"a":"b"}"# + consent))
            let first = try await tenant(.POST, "/customers/batch", body)
            let audit = try await Self.auditCount(of: tenant.orgID)
            let before = try await tenant(.GET, "/customers/\(first.ids[0])").text
            let again = try await tenant(.POST, "/customers/batch", body)
            #expect(Self.statuses(again) == [200] && again.ids == first.ids)
            #expect(try await tenant(.GET, "/customers/\(first.ids[0])").text == before)
            #expect(try await tenant(.GET, "/customers/\(first.ids[0])/consents/history").data.count == 1)
            #expect(try await Self.auditCount(of: tenant.orgID) == audit)
        }
    }

    @Test func ofTwoElementsAboutOneCustomerTheLaterCounts() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let bridge =
                #"{"name":"C","identities":[{"kind":"email","value":"ann@example.com"},{"kind":"external","value":"1"}]}"#
            let answer = try await tenant(
                .POST,
                "/customers/batch",
                Self.batch(
                    Self.email("ann", #","name":"A","language":"de""#),
                    Self.email("ann", #","name":"B""#),
                    bridge
                )
            )
            #expect(Self.statuses(answer) == [201, 200, 200])
            #expect(Set(answer.ids).count == 1)
            let ann = try await tenant(.GET, "/customers/\(answer.ids[0])").json
            #expect(ann["name"] == "C" && ann["language"] == "de")
            #expect(try await Stored.counts(of: tenant.orgID) == .init(customers: 1, identities: 2))
        }
    }

    /// The good ones go in, and the bad ones say what is wrong with them.
    @Test(arguments: [
        (#"{"name":"x"}"#, 422, "/customers/1/identities"), (#"{"identities":[]}"#, 422, "/customers/1/identities"),
        (#"{"identities":[{"kind":"phone","value":"12"}]}"#, 422, "/customers/1/identities/0/value"),
        (#"{"identities":[{"kind":"fax","value":"12"}]}"#, 422, "/customers/1/identities/0/kind"),
        (Self.email("x", #","timezone":"Mars""#), 422, "/customers/1/timezone"),
        (Self.email("x", #","color":"red""#), 422, "/customers/1/color"),
        (Self.email("x", #","groups":["\#(String(repeating: "g", count: 101))"]"#), 422, "/customers/1/groups/0"),
        (
            Self.email("x", #","consents":[{"channel":"sms","purpose":"x","status":"opted_in"}]"#), 422,
            "/customers/1/consents/0/purpose"
        ),
        (Self.email("x", #","fields":{"a":[]}"#), 422, "/customers/1/fields/a"),
        ("7", 422, "/customers/1"),
        (
            #"{"identities":[{"kind":"email","value":"known@example.com"},{"kind":"email","value":"other@example.com"}]}"#,
            409, "/customers/1/identities/1"
        ),
    ])
    func oneThatIsWrongStopsNoOther(element: String, status: Int, pointer: String) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            for name in ["known", "other"] { _ = try await tenant.customer(Self.email(name)) }
            let answer = try await tenant(
                .POST,
                "/customers/batch",
                Self.batch(Self.email("ann"), element, Self.email("bob"))
            )
            #expect(answer.status == 207)
            #expect(Self.statuses(answer) == [201, status, 201])
            let violations = answer.data[1]["error"]?["violations"]?.array ?? []
            #expect(violations.first?["pointer"]?.string == pointer, "\(answer.text)")
            #expect(answer.data[1]["id"] == .null)
            #expect(try await Stored.counts(of: tenant.orgID).customers == 4)
        }
    }

    /// A list is older than what people said since.
    @Test func anOptInOfABatchUndoesNoOptOut() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(Self.email("ann"))
            let out = #"{"channel":"email","purpose":"marketing","status":"opted_out"}"#
            #expect(try await tenant(.PUT, "/customers/\(id)/consents", out).status == 200)
            let consents =
                #","consents":[{"channel":"email","purpose":"marketing","status":"opted_in"},{"channel":"sms","purpose":"marketing","status":"opted_out"}]"#
            let answer = try await tenant(.POST, "/customers/batch", Self.batch(Self.email("ann", consents)))
            #expect(answer.data[0]["kept_opt_outs"] == [["channel": "email", "purpose": "marketing"]])
            let now = try await tenant(.GET, "/customers/\(id)/consents").data
            #expect(now.map { $0["status"] } == ["opted_out", "opted_out"])
        }
    }

    @Test func aCustomerHasFiftyAddressesAtMost() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let many = (0..<50).map { #"{"kind":"external","value":"\#($0)"}"# }.joined(separator: ",")
            let full = try await tenant(.POST, "/customers/batch", Self.batch(#"{"identities":[\#(many)]}"#))
            #expect(Self.statuses(full) == [201])
            let more = #"{"identities":[{"kind":"external","value":"0"},{"kind":"external","value":"x"}]}"#
            let refused = try await tenant(.POST, "/customers/batch", Self.batch(more))
            #expect(Self.statuses(refused) == [422])
        }
    }

    @Test(arguments: [(0, 422), (1, 207), (1000, 207), (1001, 422)]) func aBatchHasAThousandAtMost(
        count: Int,
        status: Int
    ) async throws {
        try await RunningService.run { service in
            let customers = (0..<count).map { Self.email("c\($0)") }.joined(separator: ",")
            let answer = try await Tenant(service)(.POST, "/customers/batch", #"{"customers":[\#(customers)]}"#)
            #expect(answer.status == status)
        }
    }

    @Test func aKeyGetsTheSameAnswerByteForByte() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let first = try await tenant(.POST, "/customers/batch", Self.batch(Self.email("ann")), key: "k")
            let again = try await tenant(.POST, "/customers/batch", Self.batch(Self.email("ann")), key: "k")
            #expect(again.text == first.text && Self.statuses(again) == [201])
            #expect(again.headers.first(name: "idempotency-replayed") == "true")
            let other = try await tenant(.POST, "/customers/batch", Self.batch(Self.email("bob")), key: "k")
            #expect(other.code == "idempotency-key-reused")
        }
    }

    /// The addresses of one belong to several batches, in different orders.
    @Test func batchesAtTheSameTimeMakeEachCustomerOnce() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let answers = try await withThrowingTaskGroup(of: Tenant.Answer.self) { group in
                for batch in 0..<8 {
                    group.addTask {
                        let names = (0..<40).map { "c\(batch.isMultiple(of: 2) ? $0 : 39 - $0)" }
                        let customers = names.map { Self.email($0, #","fields":{"batch":\#(batch)}"#) }
                        return try await tenant(
                            .POST,
                            "/customers/batch",
                            #"{"customers":[\#(customers.joined(separator: ","))]}"#
                        )
                    }
                }
                return try await group.reduce(into: [Tenant.Answer]()) { $0.append($1) }
            }
            // One that lost three times says so, and is sent again.
            #expect(answers.allSatisfy { $0.status == 207 || $0.status == 503 })
            #expect(answers.contains { $0.status == 207 })
            #expect(try await Stored.counts(of: tenant.orgID) == .init(customers: 40, identities: 40))
        }
    }
}
