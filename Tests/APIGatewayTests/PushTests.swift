import APIGateway
import HTTPService
import HTTPTypes
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// How messaging-service and conversation-service hear of organizations.
///
/// A push may be repeated at any time, so nothing here counts them.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct PushTests {
    /// Who hears.
    enum Receiver: String, Sendable, CaseIterable {
        case messaging, conversations

        func stub(_ gateway: Gateway) -> StubService {
            switch self {
            case .messaging: gateway.messaging
            case .conversations: gateway.conversations
            }
        }

        /// Which version of an organization is noted as told; nil when there is no such organization.
        func told(_ org: String) async throws -> Int? {
            let id = OrgID(org)
            let sql: SQL = "SELECT pushed, pushed_to_conversations FROM org_pushes WHERE org_id = \(id)"
            let row = try await TestDatabase.connection.query(sql).first
            switch self {
            case .messaging: return try row?.get("pushed")
            case .conversations: return try row?.get("pushed_to_conversations")
            }
        }
    }

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

    @Test(arguments: Receiver.allCases)
    func whatIsMadeAndChangedIsToldBeforeTheAnswer(receiver: Receiver) async throws {
        try await Gateway.run(deadlines: .patient) { gateway in
            let body = #"{"name":"Acme","sandbox":true,"settings":{"retention_days":30,"cap":1.5}}"#
            let id = try await gateway.operate(.POST, "/api/v1/orgs", body: body).id
            let made = try self.org(id, 1, isSandbox: true, ["retention_days": 30, "cap": JSONValue(parsing: "1.5")])
            #expect(try receiver.stub(gateway).pushedOrgs.contains(made))
            try await self.change(id, #"{"cap":null}"#, at: gateway)
            let changed = try self.org(id, 2, isSandbox: true, ["retention_days": 30])
            #expect(try receiver.stub(gateway).pushedOrgs.contains(changed))
            // What changes nothing is no version.
            try await self.change(id, #"{"retention_days":30}"#, at: gateway)
            #expect(try receiver.stub(gateway).pushedOrgs.map(\.version).max() == 2)
        }
    }

    @Test(arguments: Receiver.allCases)
    func aPushIsNobodysButOurs(receiver: Receiver) async throws {
        try await Gateway.run(deadlines: .patient) { gateway in
            let id = try await gateway.org()
            let call = try #require(receiver.stub(gateway).pushes.first)
            #expect(call.method == "PUT")
            #expect(call.target == "/internal/org-settings")
            #expect(call.header("authorization")?.hasPrefix("Bearer ") == true)
            #expect(call.header("herald-org") == nil)
            #expect(
                try JSONValue(parsing: call.body) == [
                    "orgs": [
                        ["org_id": .string(id), "version": 1, "sandbox": false, "sms_verified": false, "settings": [:]]
                    ]
                ]
            )
        }
    }

    @Test(arguments: Receiver.allCases)
    func whatFailsIsToldLater(receiver: Receiver) async throws {
        try await Gateway.run { gateway in
            receiver.stub(gateway).answerPushes(StubService.away)
            let id = try await gateway.org()
            try await self.change(id, #"{"cap":7}"#, at: gateway)
            #expect(receiver.stub(gateway).pushes.isEmpty)
            receiver.stub(gateway).answerPushes(StubService.accepted)
            let latest = try self.org(id, 2, ["cap": 7])
            try await eventually { try receiver.stub(gateway).pushedOrgs.contains(latest) }
        }
    }

    @Test(arguments: Receiver.allCases)
    func aServiceThatHangsHoldsNobodyUp(receiver: Receiver) async throws {
        var deadlines = ForwardDeadlines()
        deadlines.push = .milliseconds(100)
        try await Gateway.run(deadlines: deadlines) { gateway in
            receiver.stub(gateway).answerPushes { _ in
                _ = try await endingAtShutdown { try await ContinuousClock().sleep(for: .seconds(3600)) }
                return StubService.json(.ok, "{}")
            }
            // The service hangs for an hour: who waited for it would have no answer here.
            _ = try await gateway.org()
        }
    }

    @Test(arguments: Receiver.allCases)
    func theGreatestVersionHasTheLatestSettings(receiver: Receiver) async throws {
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
            try await eventually { try receiver.stub(gateway).pushedOrgs.contains(latest) }
            // Each version is one state, however often and in whichever order it was told.
            let states = Dictionary(grouping: try receiver.stub(gateway).pushedOrgs, by: \.version)
            for (version, told) in states {
                #expect(told.allSatisfy { $0 == told.first }, "\(version)")
                #expect(told.first?.settings.count == version - 1, "\(version)")
            }
        }
    }

    @Test(arguments: Receiver.allCases)
    func oneThatIsRefusedKeepsNoOtherBack(receiver: Receiver) async throws {
        try await Gateway.run { gateway in
            receiver.stub(gateway).answerPushes(StubService.away)
            let refused = try await gateway.org("Refused")
            let others = [try await gateway.org("One"), try await gateway.org("Two")]
            receiver.stub(gateway).answerPushes { call in
                guard call.body.contains(refused) else { return StubService.json(.ok, "{}") }
                return Problem.invalidRequest([.init(pointer: "/orgs/0/settings", detail: "are odd")])
                    .response(requestID: "")
            }
            try await eventually {
                Set(try receiver.stub(gateway).pushedOrgs.map(\.orgID.description)) == Set(others)
            }
        }
    }

    @Test(arguments: Receiver.allCases)
    func whatIsNotedIsToldByWhicheverReplicaComes(receiver: Receiver) async throws {
        let org = Box()
        try await Gateway.run { gateway in
            receiver.stub(gateway).answerPushes(StubService.away)
            org.set(try await gateway.org())
        }
        try await Gateway.run { gateway in
            let known = try self.org(org.value, 1, [:])
            try await eventually { try receiver.stub(gateway).pushedOrgs.contains(known) }
            try await eventually { try await receiver.told(org.value) == 1 }
        }
    }

    /// How the operator tells a service everything anew, should it have lost it.
    @Test(arguments: Receiver.allCases)
    func whatIsNotedAsNotPushedIsToldAgain(receiver: Receiver) async throws {
        try await Gateway.run { gateway in
            let org = try await gateway.org()
            try await eventually { try await receiver.told(org) == 1 }
            let before = receiver.stub(gateway).pushes.count
            try await TestDatabase.connection.query("UPDATE org_pushes SET pushed = 0, pushed_to_conversations = 0")
            try await eventually { receiver.stub(gateway).pushes.count > before }
            try await eventually { try await receiver.told(org) == 1 }
        }
    }

    @Test(arguments: Receiver.allCases)
    func whoIsAwayKeepsNobodyElseFromHearing(absent: Receiver) async throws {
        let other: Receiver = absent == .messaging ? .conversations : .messaging
        try await Gateway.run(deadlines: .patient) { gateway in
            absent.stub(gateway).answerPushes(StubService.away)
            let id = try await gateway.org()
            try await self.change(id, #"{"cap":7}"#, at: gateway)
            #expect(try other.stub(gateway).pushedOrgs.contains(try self.org(id, 2, ["cap": 7])))
            try await eventually { try await other.told(id) == 2 }
            #expect(try await absent.told(id) == 0)
            absent.stub(gateway).answerPushes(StubService.accepted)
            try await eventually { try await absent.told(id) == 2 }
        }
    }
}

extension ForwardDeadlines {
    /// For pushes that a test looks for after the answer: however busy the machine is, the answer waits for them.
    fileprivate static var patient: ForwardDeadlines {
        var deadlines = ForwardDeadlines()
        deadlines.push = .seconds(60)
        return deadlines
    }
}
