import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What the api-gateway tells of organizations.
@Suite(.messaging, .timeLimit(.minutes(5))) struct OrgSettingsRoutesTests {
    @Test func ofSeveralStatesInOneCallTheLatestStays() async throws {
        let fixture = try MessagingFixture()
        let orgs = [2, 3, 1].map { version in
            OrgSettingsRequest.Org(
                orgID: fixture.orgID,
                version: version,
                isSandbox: false,
                settings: ["retention_days": .number(JSONNumber(version))]
            )
        }
        try await RunningService.run { service in
            for told in [orgs, [orgs[0]]] {
                let answer = try await Self.put(told, service)
                #expect(answer.status == 200)
            }
        }
        let row = try await fixture.row("SELECT version, retention_days FROM org_settings")
        #expect(try row.get("version") == 3)
        #expect(try row.get("retention_days") == 3)
    }

    @Test(arguments: [(200, 200), (201, 422)]) func twoHundredAreTakenAtOnce(count: Int, status: Int) async throws {
        let orgs = (0..<count).map { _ in
            OrgSettingsRequest.Org(orgID: .new(), version: 1, isSandbox: false, settings: [:])
        }
        try await RunningService.run { service in
            let answer = try await Self.put(orgs, service)
            #expect(answer.status == status)
        }
        let counted = try await TestDatabase.connection.transaction(for: orgs.map(\.orgID)) { connection in
            try connection.query("SELECT count(*) AS count FROM org_settings").first?.get("count", as: Int.self)
        }
        #expect(counted == (status == 200 ? count : 0))
    }

    /// A setting that was stored before anybody knew it must not stop the others.
    @Test func whatIsWrongCountsAsAbsent() async throws {
        let fixture = try MessagingFixture()
        let settings: JSONObject = [
            "retry": ["delays": ["soon"]], "retention_days": "ever", "retention_action": "archive",
        ]
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: true, settings: settings)
        try await RunningService.run { service in
            let answer = try await Self.put([org], service)
            #expect(answer.status == 200)
        }
        let row = try await fixture.row(
            "SELECT retry_delays, retention_days, retention_action, sandbox FROM org_settings"
        )
        #expect(try row.getIfPresent("retry_delays", as: [Int].self) == nil)
        #expect(try row.getIfPresent("retention_days", as: Int.self) == nil)
        #expect(try row.get("retention_action") == "archive")
        #expect(try row.get("sandbox") == true)
    }

    @Test func aSandboxReachesNobody() async throws {
        let fixture = try MessagingFixture()
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: true, settings: [:])
        try await fixture.rows(OrgSettingsStore.put([org]))
        await #expect(throws: CreateAccount.Failure.sandboxOnly) { try await fixture.account(.twilio) }
        try await fixture.account(.sandbox)
        #expect(try await fixture.count("SELECT count(*) AS count FROM channel_accounts") == 1)
    }

    private static func put(
        _ orgs: [OrgSettingsRequest.Org],
        _ service: RunningService
    ) async throws -> RunningService.Answer {
        let body = String(decoding: try InternalJSON.encode(OrgSettingsRequest(orgs: orgs)), as: UTF8.self)
        return try await service.call(.PUT, "/internal/org-settings", for: nil, body: body)
    }
}
