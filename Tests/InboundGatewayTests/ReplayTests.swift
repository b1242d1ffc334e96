import InboundGateway
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// What an organization sees of its inbox, and how it passes events on once more.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct ReplayTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()
    let secret = "app secret A"
    private var number: String { self.account.number ?? "" }
    private var orgID: OrgID { self.account.orgID }

    @Test func whatFailedIsListedAndReplayed() async throws {
        var policy = InboxPolicy.quick
        policy.maximumRefusals = 1
        try await Gateway.run([self.account], policy: policy) { gateway async throws in
            gateway.customers.set(.refusing(eventKey: "wamid.m2"))
            try await self.post(Payloads.messages(["wamid.m1", "wamid.m2"], number: self.number), to: gateway)
            try await self.await(["done", "failed"])

            let list = try await gateway.inbox(.GET, "/internal/webhook-events?state=failed", of: self.orgID)
            #expect(list.status == 200)
            #expect(list.json["data"]?.array?.map { $0["event_key"] } == ["wamid.m2"])
            #expect(list.json["data"]?[0]?["last_error"]?.string == "422 report-invalid: It is not wanted.")
            let id = try #require(list.json["data"]?[0]?["id"]?.string)
            let shown = try await gateway.inbox(.GET, "/internal/webhook-events/\(id)", of: self.orgID)
            #expect(shown.json["request"]?["body"]?.string?.contains("wamid.m2") == true)
            #expect(shown.json["request"]?["headers"]?["x-hub-signature-256"] == nil)

            gateway.customers.set(.up)
            let replayed = try await gateway.inbox(
                .POST,
                "/internal/webhook-events/replay",
                of: self.orgID,
                ["filter": ["state": "failed"]]
            )
            #expect(replayed.status == 202)
            #expect(replayed.json == ["replayed": 1, "next": .null])
            try await self.await(["done", "done"])
            #expect(gateway.messaging.received.map(\.message.eventKey) == ["wamid.m1", "wamid.m2"])
            #expect(
                try await self.trail(gateway) == [["act": "replay", "filter": ["state": "failed"]]]
            )
        }
    }

    @Test func oneEventIsPassedOnAgainUnderTheSameKey() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            try await self.post(Payloads.statuses(["wamid.1"], number: self.number), to: gateway)
            try await self.await(["done"])
            let list = try await gateway.inbox(.GET, "/internal/webhook-events", of: self.orgID)
            let id = try #require(list.json["data"]?[0]?["id"]?.string)
            let answer = try await gateway.inbox(.POST, "/internal/webhook-events/\(id)/replay", of: self.orgID)
            #expect(answer.status == 200)
            try await eventually { gateway.messaging.appliedKeys.count == 2 }
            #expect(Set(gateway.messaging.appliedKeys).count == 1)
            try await self.await(["done"])
            #expect(try await self.trail(gateway, of: id) == [["act": "replay"]])
            // An event that is not there is no act.
            let unknown = ID<InboxEvent>.new()
            let refused = try await gateway.inbox(.POST, "/internal/webhook-events/\(unknown)/replay", of: self.orgID)
            #expect(refused.status == 404)
            #expect(try await self.trail(gateway, of: "\(unknown)") == [])
        }
    }

    /// As an older version stored it, which knew nothing of what the body tells.
    @Test func whatCouldNotBeReadIsReadAnew() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.message("wamid.m", text: "Hello", number: self.number)
            try await self.post(body, to: gateway)
            try await self.await(["done"])
            try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
                try connection.query(
                    """
                    UPDATE inbox_events SET event_key = 'unreadable:1', kind = 'other', state = 'ignored', content = '{}',
                           processed_at = NULL
                    """
                )
            }
            let answer = try await gateway.inbox(
                .POST,
                "/internal/webhook-events/replay",
                of: self.orgID,
                ["filter": ["state": "ignored"]]
            )
            #expect(answer.json["replayed"]?.int == 1)
            try await eventually { gateway.messaging.received.count == 2 }
            try await eventually {
                try await Stored.events(of: self.orgID).map(\.state).sorted() == ["done", "ignored"]
            }
        }
    }

    @Test func anotherOrganizationSeesNothing() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            try await self.post(Payloads.statuses(["wamid.1"], number: self.number), to: gateway)
            let list = try await gateway.inbox(.GET, "/internal/webhook-events", of: self.orgID)
            let id = try #require(list.json["data"]?[0]?["id"]?.string)
            for path in ["/internal/webhook-events/\(id)", "/internal/webhook-events/\(ID<InboxEvent>.new())"] {
                #expect(try await gateway.inbox(.GET, path, of: .new()).status == 404)
                #expect(try await gateway.inbox(.POST, path + "/replay", of: .new()).status == 404)
            }
            #expect(try await gateway.inbox(.GET, "/internal/webhook-events", of: .new()).json["data"]?.array == [])
        }
    }

    @Test(arguments: [#"{}"#, #"{"filter": {}}"#, #"{"filter": {"state": "lost"}}"#, #"{"filter": {"x": 1}}"#])
    func aReplayOfNothingInParticularIsRefused(body: String) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = try JSONValue(parsing: body)
            let answer = try await gateway.inbox(.POST, "/internal/webhook-events/replay", of: self.orgID, body)
            #expect(answer.status == 422)
            #expect(answer.json["violations"]?.array?.isEmpty == false)
        }
    }

    /// What people did, as the audit trail tells.
    private func trail(_ gateway: Gateway, of entity: String? = nil) async throws -> [JSONValue?] {
        let query = entity.map { "?entity_id=\($0)" } ?? ""
        let list = try await gateway.inbox(.GET, "/internal/audit-events\(query)", of: self.orgID)
        return list.json["data"]?.array?.map { $0["detail"] } ?? []
    }

    private func post(_ body: String, to gateway: Gateway) async throws {
        #expect(try await gateway.meta(body, secret: self.secret, to: self.account.accountID).status == 200)
    }

    private func await(_ states: [String]) async throws {
        try await eventually { try await Stored.events(of: self.orgID).map(\.state) == states }
    }
}
