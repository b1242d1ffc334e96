import APIGateway
import HTTPService
import HTTPTypes
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// How messaging-service hears of organizations.
///
/// A push may be repeated at any time, so nothing here counts them.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(1)))
struct PushTests {
    private func change(_ org: String, _ settings: String, at gateway: Gateway) async throws {
        let answer = try await gateway.operate(.PATCH, "/api/v1/orgs/\(org)", body: #"{"settings":\#(settings)}"#)
        #expect(answer.status == 200, "\(answer.body)")
    }

    private func org(
        _ id: String,
        _ version: Int,
        isSandbox: Bool = false,
        _ settings: JSONObject
    ) throws -> OrgSettingsRequest.Org {
        OrgSettingsRequest.Org(
            orgID: try #require(OrgID(id)),
            version: version,
            isSandbox: isSandbox,
            settings: settings
        )
    }

    @Test func whatIsMadeAndChangedIsToldBeforeTheAnswer() async throws {
        try await Gateway.run { gateway in
            let body = #"{"name":"Acme","sandbox":true,"settings":{"retention_days":30,"cap":1.5}}"#
            let id = try await gateway.operate(.POST, "/api/v1/orgs", body: body).id
            let made = try self.org(id, 1, isSandbox: true, ["retention_days": 30, "cap": JSONValue(parsing: "1.5")])
            #expect(try gateway.messaging.pushedOrgs.contains(made))
            try await self.change(id, #"{"cap":null}"#, at: gateway)
            let changed = try self.org(id, 2, isSandbox: true, ["retention_days": 30])
            #expect(try gateway.messaging.pushedOrgs.contains(changed))
            // What changes nothing is no version.
            try await self.change(id, #"{"retention_days":30}"#, at: gateway)
            #expect(try gateway.messaging.pushedOrgs.map(\.version).max() == 2)
        }
    }

    @Test func aPushIsNobodysButOurs() async throws {
        try await Gateway.run { gateway in
            let id = try await gateway.org()
            let call = try #require(gateway.messaging.pushes.first)
            #expect(call.method == "PUT")
            #expect(call.target == "/internal/org-settings")
            #expect(call.header("authorization")?.hasPrefix("Bearer ") == true)
            #expect(call.header("herald-org") == nil)
            #expect(
                try JSONValue(parsing: call.body) == [
                    "orgs": [["org_id": .string(id), "version": 1, "sandbox": false, "settings": [:]]]
                ]
            )
        }
    }

    @Test func whatFailsIsToldLater() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answerPushes(StubMessaging.away)
            let id = try await gateway.org()
            try await self.change(id, #"{"cap":7}"#, at: gateway)
            #expect(gateway.messaging.pushes.isEmpty)
            gateway.messaging.answerPushes(StubMessaging.accepted)
            let latest = try self.org(id, 2, ["cap": 7])
            try await eventually { try gateway.messaging.pushedOrgs.contains(latest) }
        }
    }

    @Test func aServiceThatHangsHoldsNobodyUp() async throws {
        var deadlines = ForwardDeadlines()
        deadlines.push = .milliseconds(100)
        try await Gateway.run(deadlines: deadlines) { gateway in
            gateway.messaging.answerPushes { _ in
                _ = try await endingAtShutdown { try await ContinuousClock().sleep(for: .seconds(3600)) }
                return StubMessaging.json(.ok, "{}")
            }
            let start = ContinuousClock.now
            _ = try await gateway.org()
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    @Test func theGreatestVersionHasTheLatestSettings() async throws {
        try await Gateway.run { gateway in
            let id = try await gateway.org()
            try await withThrowingTaskGroup { tasks in
                for number in 1...10 {
                    tasks.addTask { try await self.change(id, #"{"n\#(number)":\#(number)}"#, at: gateway) }
                }
                try await tasks.waitForAll()
            }
            let settings = try await gateway.operate(.GET, "/api/v1/orgs/\(id)").json["settings"]?.object
            let latest = try self.org(id, 11, try #require(settings))
            #expect(latest.settings.count == 10)
            try await eventually { try gateway.messaging.pushedOrgs.contains(latest) }
            // Each version is one state, however often and in whichever order it was told.
            let states = Dictionary(grouping: try gateway.messaging.pushedOrgs, by: \.version)
            for (version, told) in states {
                #expect(told.allSatisfy { $0 == told.first }, "\(version)")
                #expect(told.first?.settings.count == version - 1, "\(version)")
            }
        }
    }

    @Test func oneThatIsRefusedKeepsNoOtherBack() async throws {
        try await Gateway.run { gateway in
            gateway.messaging.answerPushes(StubMessaging.away)
            let refused = try await gateway.org("Refused")
            let others = [try await gateway.org("One"), try await gateway.org("Two")]
            gateway.messaging.answerPushes { call in
                guard call.body.contains(refused) else { return StubMessaging.json(.ok, "{}") }
                return Problem.invalidRequest([.init(pointer: "/orgs/0/settings", detail: "are odd")])
                    .response(requestID: "")
            }
            try await eventually {
                Set(try gateway.messaging.pushedOrgs.map(\.orgID.description)) == Set(others)
            }
        }
    }

    @Test func whatIsNotedIsToldByWhicheverReplicaComes() async throws {
        let org = Box()
        try await Gateway.run { gateway in
            gateway.messaging.answerPushes(StubMessaging.away)
            org.set(try await gateway.org())
        }
        try await Gateway.run { gateway in
            let known = try self.org(org.value, 1, [:])
            try await eventually { try gateway.messaging.pushedOrgs.contains(known) }
            try await eventually { try await Self.pushed(org.value) == 1 }
        }
    }

    /// How the operator tells messaging-service everything anew, should it have lost it.
    @Test func whatIsNotedAsNotPushedIsToldAgain() async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            try await eventually { try await Self.pushed(org) == 1 }
            let before = gateway.messaging.pushes.count
            try await TestDatabase.connection.query("UPDATE org_pushes SET pushed = 0")
            try await eventually { gateway.messaging.pushes.count > before }
            try await eventually { try await Self.pushed(org) == 1 }
        }
    }

    /// Which version of an organization is noted as told.
    private static func pushed(_ org: String) async throws -> Int? {
        let id = OrgID(org)
        return try await TestDatabase.connection.query("SELECT pushed FROM org_pushes WHERE org_id = \(id)").first?
            .get("pushed")
    }
}
