import APIGateway
import HTTPTypes
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct OrgSettingsTests {
    /// What the engine could not use, and where that is said.
    private static let bad: [(settings: String, pointer: String)] = [
        (#"{"retry":"outbox"}"#, "/settings/retry"), (#"{"retry":[]}"#, "/settings/retry"),
        (#"{"retry":{"preset":"hourly"}}"#, "/settings/retry/preset"),
        (#"{"retry":{"preset":"outbox","delays":["1s"]}}"#, "/settings/retry/delays"),
        (#"{"retry":{"delays":["soon"]}}"#, "/settings/retry/delays"),
        (#"{"retry":{"delays":["8d"]}}"#, "/settings/retry/delays"),
        (#"{"retry":{"delays":["-1s"]}}"#, "/settings/retry/delays"),
        (#"{"retry":{"delays":["+1s"]}}"#, "/settings/retry/delays"),
        (#"{"retry":{"delays":[60]}}"#, "/settings/retry/delays/0"),
        (#"{"retry":{"max_retries":6}}"#, "/settings/retry/max_retries"),
        (#"{"retry":{"max":1}}"#, "/settings/retry/max"),
        (#"{"retention_days":0}"#, "/settings/retention_days"),
        (#"{"retention_days":3651}"#, "/settings/retention_days"),
        (#"{"retention_days":"30"}"#, "/settings/retention_days"),
        (#"{"retention_days":1.5}"#, "/settings/retention_days"),
        (#"{"retention_action":"burn"}"#, "/settings/retention_action"),
        (#"{"retention_action":true}"#, "/settings/retention_action"),
        (#"{"cap":1,"retention_days":-1,"other":{}}"#, "/settings/retention_days"),
        (#"{"default_region":"de"}"#, "/settings/default_region"),
        (#"{"default_region":"XX"}"#, "/settings/default_region"),
        (#"{"default_region":"DEU"}"#, "/settings/default_region"),
        (#"{"default_region":""}"#, "/settings/default_region"),
        (#"{"default_region":49}"#, "/settings/default_region"),
        (#"{"schedule_lead_minutes":-1}"#, "/settings/schedule_lead_minutes"),
        (#"{"schedule_lead_minutes":10081}"#, "/settings/schedule_lead_minutes"),
    ]
    private static let good = [
        #"{"retry":{"preset":"kobliat"},"retention_days":1,"retention_action":"archive"}"#,
        #"{"retry":{"delays":["500ms","7d"],"max_retries":2},"retention_days":3650,"retention_action":"remove"}"#,
        #"{"retry":{},"per_guest_monthly_cap":30,"nested":{"retention_days":"free-form"}}"#,
        #"{"retry":{"max_retries":0}}"#, #"{"default_region":"DE"}"#,
    ]

    @Test func whatTheEngineCouldNotUseIsRefusedEverywhere() async throws {
        try await Gateway.run { gateway in
            let (org, key) = try await gateway.tenant()
            for (settings, pointer) in Self.bad {
                let answers = [
                    try await gateway.operate(.POST, "/api/v1/orgs", body: #"{"name":"A","settings":\#(settings)}"#),
                    try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: #"{"settings":\#(settings)}"#),
                    try await gateway.call(
                        .PATCH,
                        "/api/v1/org",
                        key: key.secret,
                        body: #"{"settings":\#(settings)}"#
                    ),
                ]
                for answer in answers {
                    #expect(answer.status == 422, "\(settings)")
                    #expect(answer.code == "invalid-request", "\(settings)")
                    let pointers = try answer.json["violations"]?.array?.map { $0["pointer"]?.string }
                    #expect(pointers == [pointer], "\(settings)")
                }
            }
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).json["settings"] == [:])
        }
    }

    @Test func whatItKnowsAndWhatIsFreeFormStays() async throws {
        try await Gateway.run { gateway in
            for settings in Self.good {
                let body = #"{"name":"A","settings":\#(settings)}"#
                let made = try await gateway.operate(.POST, "/api/v1/orgs", body: body)
                #expect(made.status == 201, "\(settings)")
                #expect(try made.json["settings"] == JSONValue(parsing: settings))
            }
        }
    }

    @Test func nullTakesAKnownSettingAway() async throws {
        try await Gateway.run { gateway in
            let (_, key) = try await gateway.tenant()
            for body in [
                #"{"settings":{"retention_days":30,"retry":{"preset":"outbox"},"retention_action":"archive"}}"#,
                #"{"settings":{"retention_days":null,"retry":null,"retention_action":null}}"#,
            ] {
                #expect(try await gateway.call(.PATCH, "/api/v1/org", key: key.secret, body: body).status == 200)
            }
            #expect(try await gateway.call(.GET, "/api/v1/org", key: key.secret).json["settings"] == [:])
        }
    }

    @Test func everyViolationIsNamedAtOnce() throws {
        let body = try JSONValue(
            parsing: #"{"name":"","settings":{"retry":{"max_retries":9},"retention_days":0,"retention_action":1}}"#
        )
        let problem = try #require(throws: Problem.self) { try NewOrg(body) }
        #expect(
            problem.violations.map(\.pointer).sorted() == [
                "/name", "/settings/retention_action", "/settings/retention_days", "/settings/retry/max_retries",
            ]
        )
    }

    @Test func whatIsStoredIsReadAsFarAsItIsRight() throws {
        let delays = [Duration.seconds(10), .seconds(30), .seconds(60)]
        let expectations: [(String, OrgSettings)] = [
            ("{}", OrgSettings()),
            (
                #"{"retry":{"preset":"kobliat"},"retention_days":30,"retention_action":"archive","x":1}"#,
                OrgSettings(retryPolicy: RetryPolicy(delays: delays), retentionDays: 30, retentionAction: .archive)
            ),
            (#"{"retry":5,"retention_days":30}"#, OrgSettings(retentionDays: 30)),
            (#"{"retry":{"preset":"never"},"retention_action":"archive"}"#, OrgSettings(retentionAction: .archive)),
            (#"{"retention_days":9999,"retention_action":"burn"}"#, OrgSettings()),
            (#"{"retry":null,"retention_days":null,"retention_action":null}"#, OrgSettings()),
            (
                #"{"reopen_on_message":false,"keyword_replies":{"stop":"Bye.","help":""}}"#,
                OrgSettings(reopensOnMessage: false, keywordReplies: [.stop: "Bye.", .help: ""])
            ),
            (#"{"default_region":"DE"}"#, OrgSettings(defaultRegion: PhoneRegion(rawValue: "DE"))),
            (#"{"default_region":"Germany","retention_days":30}"#, OrgSettings(retentionDays: 30)),
        ]
        for (text, expected) in expectations {
            let settings = try #require(try JSONValue(parsing: text).object)
            #expect(OrgSettings(stored: settings) == expected, "\(text)")
        }
    }
}
