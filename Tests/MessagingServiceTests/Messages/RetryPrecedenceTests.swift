import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Whose retry policy counts: the message's, its account's, its organization's, or the usual one.
@Suite(.messaging) struct RetryPrecedenceTests {
    @Test(
        arguments: [
            (["message", "account", "org"], [1000]), (["message", "org"], [1000]), (["account", "org"], [2000]),
            (["account"], [2000]), (["org"], [3000]), ([], [60_000, 300_000, 900_000, 3_600_000, 21_600_000]),
        ] as [([String], [Int])]
    )
    func theNarrowestCounts(given: [String], milliseconds: [Int]) async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, given.contains("account") ? ["retry": ["delays": ["2s"]]] : [:])
        if given.contains("org") { try await self.put(1, ["retry": ["delays": ["3s"]]], fixture) }
        try await fixture.send("x", to: "+15550000001", given.contains("message") ? ["retry": ["delays": ["1s"]]] : [:])
        #expect(try await self.stored(fixture) == milliseconds)
    }

    @Test func noRetryAtAllIsAPolicyToo() async throws {
        let fixture = try MessagingFixture()
        try await self.put(1, ["retry": ["delays": ["3s"]]], fixture)
        try await fixture.send("x", to: "+15550000001", ["retry": ["max_retries": 0]])
        #expect(try await self.stored(fixture) == [])
        let lease = try #require(try await fixture.leaseNow().first)
        let error = ProviderError(code: "30008", detail: "Unknown error.")
        try await fixture.tell(.failedTransiently(error, retryAfter: nil), of: lease)
        #expect(try await fixture.status(of: lease.messageID) == .failed)
    }

    @Test func theAnswerSaysHowManyAttemptsThereAre() async throws {
        let fixture = try MessagingFixture()
        try await self.put(1, ["retry": ["preset": "kobliat"]], fixture)
        let request = try fixture.request(#"{"to": "+15550000001", "channel": "sandbox", "body": "x"}"#)
        let answer = try #require(await fixture.create([request]).first).get()
        #expect(try JSONValue(parsing: answer.body)["max_attempts"] == 4)
    }

    @Test func ofTwoSettingsThatArriveInAnyOrderTheLaterOnesStay() async throws {
        for versions in [[1, 2], [2, 1], [2, 2, 1, 1, 2]] {
            let fixture = try MessagingFixture()
            for version in versions {
                let delays: JSONValue = version == 2 ? ["2s"] : ["1s"]
                try await self.put(
                    version,
                    ["retry": ["delays": delays], "retention_days": .number(JSONNumber(version))],
                    fixture
                )
            }
            let row = try await fixture.row("SELECT version, retry_delays, retention_days, sandbox FROM org_settings")
            #expect(try row.get("version") == 2)
            #expect(try row.get("retry_delays") == [2000])
            #expect(try row.get("retention_days") == 2)
        }
    }

    @Test func whatIsNoLongerSetIsTakenAway() async throws {
        let fixture = try MessagingFixture()
        try await self.put(
            1,
            ["retry": ["delays": ["3s"]], "retention_days": 30, "retention_action": "archive"],
            fixture
        )
        try await self.put(2, ["theme": "dark"], fixture)
        let row = try await fixture.row("SELECT retry_delays, retention_days, retention_action FROM org_settings")
        #expect(try row.getIfPresent("retry_delays", as: [Int].self) == nil)
        #expect(try row.getIfPresent("retention_days", as: Int.self) == nil)
        #expect(try row.get("retention_action") == "remove")
    }

    /// The row may be there already, for a pause that was before any push.
    @Test func theFirstPushCountsBesideWhatTheEngineKnows() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows(OrgSettingsStore.setPause(of: fixture.orgID, by: "key:person"))
        try await self.put(1, ["retry": ["delays": ["3s"]]], fixture)
        #expect(try await fixture.row("SELECT retry_delays FROM org_settings").get("retry_delays") == [3000])
    }

    @Test func anAccountThatIsChangedCountsFromThenOn() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.sandbox)
        let update = UpdateAccount(postgres: fixture.postgres, secrets: fixture.secrets)
        for (settings, delays): (JSONValue, [Int]) in [
            (["retry": ["delays": ["7s"]]], [7000]), (["retry": ["max_retries": 1]], [60_000]),
            (["retry": .null], [60_000, 300_000, 900_000, 3_600_000, 21_600_000]),
        ] {
            _ = try await update(["settings": settings], of: account, for: fixture.acting, requestID: "r")
            let id = try await fixture.send()
            let row = try await fixture.row("SELECT retry_delays FROM messages WHERE id = \(id)")
            #expect(try row.get("retry_delays") == delays)
        }
    }

    private func put(_ version: Int, _ settings: JSONObject, _ fixture: MessagingFixture) async throws {
        let org = OrgSettingsRequest.Org(
            orgID: fixture.orgID,
            version: version,
            isSandbox: false,
            settings: settings
        )
        try await fixture.rows(OrgSettingsStore.put([org]))
    }

    private func stored(_ fixture: MessagingFixture) async throws -> [Int] {
        try await fixture.row("SELECT retry_delays FROM messages").get("retry_delays")
    }
}
