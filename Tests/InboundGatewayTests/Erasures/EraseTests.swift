import Foundation
import InboundGateway
import InternalAPI
import NIOHTTP1
import Postgres
import Secrets
import Shared
import TestSupport
import Testing

/// A customer's part of the inbox, found by hashes of their addresses.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct EraseTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()
    private var number: String { self.account.number ?? "" }
    private var orgID: OrgID { self.account.orgID }

    /// A message of each of two people, in one webhook.
    private var body: String {
        #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"#
            + #"{"messaging_product":"whatsapp","metadata":{"phone_number_id":"\#(self.number)"},"contacts":["#
            + #"{"profile":{"name":"Ann"},"wa_id":"14155550100"},{"profile":{"name":"Bert"},"wa_id":"14155550177"}],"messages":["#
            + #"{"id":"wamid.a","from":"14155550100","timestamp":"1700000000","type":"text","text":{"body":"Hers"}},"#
            + #"{"id":"wamid.b","from":"14155550177","timestamp":"1700000000","type":"text","text":{"body":"His"}}]}}]}]}"#
    }

    @Test func onlyTheirPartOfAWebhookGoesAndItsRepetitionIsNotNew() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            #expect(try await gateway.meta(self.body, secret: "app secret A").status == 200)
            try await gateway.metaUntilDone(Payloads.statuses(["wamid.s"], number: self.number), of: self.orgID, 3)
            try await self.erase("+14155550100", gateway)
            let stored = try await self.dump()
            for trace in ["Ann", "14155550100", "Hers", "wamid.a", "wamid.s"] {
                #expect(!stored.contains(trace), "\(trace)")
            }
            for rest in ["Bert", "14155550177", "His", "wamid.b"] { #expect(stored.contains(rest), "\(rest)") }
            let events =
                try await gateway.inbox(.GET, "/internal/webhook-events", of: self.orgID).json["data"]?.array ?? []
            #expect(events.count == 3)
            #expect(events.allSatisfy { $0["state"] == "done" })

            let received = gateway.messaging.received.count
            #expect(try await gateway.meta(self.body, secret: "app secret A").status == 200)
            #expect(gateway.messaging.received.count == received)
            let replay = try await gateway.inbox(
                .POST,
                "/internal/webhook-events/replay",
                of: self.orgID,
                ["filter": ["state": "done"]]
            )
            #expect(replay.json["replayed"] == 1)
            #expect(!(try await self.dump()).contains("Hers"))
        }
    }

    /// Whoever has the address later is somebody else.
    @Test func whatCameLaterStays() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let before = Timestamp.now
            #expect(try await gateway.meta(self.body, secret: "app secret A").status == 200)
            try await self.erase("+14155550100", gateway, before: before)
            #expect(try await self.dump().contains("Hers"))
        }
    }

    @Test func manyWebhooksAreLookedThrough() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            for number in 0..<250 {
                let body = Payloads.message("wamid.\(number)", text: "Hers", number: self.number)
                #expect(try await gateway.meta(body, secret: "app secret A").status == 200)
            }
            let calls = try await self.erase("+14155550100", gateway)
            #expect(calls >= 4, "of at most 100 rows each")
            #expect(!(try await self.dump()).contains("Hers"))
        }
    }

    @Test func theExportHasTheirEventsAlone() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            #expect(try await gateway.meta(self.body, secret: "app secret A").status == 200)
            let page = try await gateway.inbox(
                .POST,
                "/internal/exports/events",
                of: self.orgID,
                try self.request("+14155550100", before: .now + .seconds(1))
            ).json
            #expect(page["data"]?.array?.map { $0["event_key"] } == ["wamid.a"])
            #expect(page["next_cursor"] == .null)
        }
    }

    @Test func theExportHasTheirOptOutsByLink() async throws {
        try await Gateway.run([]) { gateway async throws in
            #expect(try await gateway.call(.POST, self.unsubscribePath).status == 200)
            try await eventually { try await Stored.events(of: self.orgID).map(\.state) == ["done"] }
            for (address, kinds) in [("ann@example.com", ["opt_out"]), ("bert@example.com", [])] {
                let wanted = try self.request(address, before: .now + .seconds(1))
                let page = try await gateway.inbox(.POST, "/internal/exports/events", of: self.orgID, wanted).json
                #expect(page["data"]?.array?.compactMap { $0["kind"]?.string } == kinds)
            }
        }
    }

    /// Nothing is sent that they wanted no more, and of their wish nothing is left either.
    @Test func anOptOutHasItsEffectBeforeItGoes() async throws {
        var policy = InboxPolicy.quick
        policy.requestBudget = .milliseconds(200)
        policy.lease = .milliseconds(300)
        try await Gateway.run([], policy: policy) { gateway async throws in
            gateway.customers.set(.down)
            #expect(try await gateway.call(.POST, self.unsubscribePath).status == 200)
            let request = try self.request("ann@example.com", before: .now + .seconds(1), cursor: "events ")
            let answer = try await gateway.inbox(.POST, "/internal/erasures", of: self.orgID, request)
            #expect(answer.json["state"]?["waits"] != nil)
            gateway.customers.set(.up)
            try await eventually { try await Stored.events(of: self.orgID).map(\.state) == ["done"] }
            #expect(gateway.customers.received.count == 1)
            try await self.erase("ann@example.com", gateway)
            #expect(!(try await self.dump()).contains("ann@example.com"))
        }
    }

    private var unsubscribePath: String {
        get throws {
            let link = UnsubscribeLink(
                orgID: self.orgID,
                accountID: self.account.accountID,
                provider: .smtp,
                messageID: .new(),
                channel: .email,
                address: "ann@example.com"
            )
            let tokens = UnsubscribeTokens(masterKeys: MasterKeys(try MasterKey(base64: Gateway.masterKey)))
            return "/unsubscribe/\(tokens.token(of: link))"
        }
    }

    /// - Returns: how many calls it took.
    @discardableResult
    private func erase(_ address: String, _ gateway: Gateway, before: Timestamp = .now + .seconds(1)) async throws
        -> Int
    {
        var cursor: String?
        for call in 1...100 {
            let request = try self.request(address, before: before, cursor: cursor)
            let answer = try await gateway.inbox(.POST, "/internal/erasures", of: self.orgID, request)
            try #require(answer.status == 200, "\(answer.json.text)")
            guard let next = answer.json["state"]?["goesOn"]?["cursor"]?.string else { return call }
            cursor = next
        }
        return 0
    }

    private func request(_ address: String, before: Timestamp, cursor: String? = nil) throws -> JSONValue {
        let marks = AddressMarks(masterKeys: MasterKeys(try MasterKey(base64: Gateway.masterKey)))
        let request = ErasureRequest(
            customerIDs: [],
            marks: [marks(address, of: self.orgID)],
            before: before,
            cursor: cursor
        )
        return try JSONValue(parsing: Array(try InternalJSON.encode(request)))
    }

    private func dump() async throws -> String {
        try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
            try connection.pipeline([
                "SELECT t::text || encode(t.body, 'escape') AS row FROM inbox_requests t",
                "SELECT t::text AS row FROM inbox_events t",
            ]).joined().map { try $0.get("row", as: String.self) }.joined()
        }
    }
}

extension Gateway {
    /// Posts as Meta does, and waits until so many events have had their effect.
    fileprivate func metaUntilDone(_ body: String, of orgID: OrgID, _ count: Int) async throws {
        #expect(try await self.meta(body, secret: "app secret A").status == 200)
        try await eventually {
            let list = try await self.inbox(.GET, "/internal/webhook-events?state=done", of: orgID)
            return list.json["data"]?.array?.count == count
        }
    }
}
