import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What WhatsApp would refuse is not even tried, where the account says so.
@Suite(.messaging, .timeLimit(.minutes(5))) struct EnforcedWindowTests {
    private static let customer = "+15550002222"
    private static let closed = Duration.seconds(86_401)

    @Test func aMessageOutsideTheWindowIsSkippedAndItsLaneGoesOn() async throws {
        let (fixture, _) = try await self.conversation(lastInbound: Self.closed)
        let text = try await self.send("Hello", fixture)
        let template = try await self.send(#"{"code": "hi"}"#, fixture, as: "template")
        #expect(try await fixture.leaseNow().map(\.messageID) == [template])
        let shown = try #require(try await fixture.shown(text))
        #expect(shown["status"] == "skipped")
        #expect(shown["error"]?["code"] == "window-closed")
        #expect(shown["attempt_count"] == 0)
        #expect(try await fixture.queued(text) == nil)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 0)
        let audit = try await fixture.row(
            "SELECT actor, detail::text FROM audit_events WHERE entity_id = \(text) AND action = 'BLOCKED_BY_POLICY'"
        )
        #expect(try audit.get("actor") == "engine")
        #expect(try audit.get("detail") == #"{"code":"window-closed"}"#)
        #expect(try await fixture.activities().suffix(1) == ["MESSAGE_FAILED window-closed"])
        let blocked = try await fixture.timeline(of: text).first { $0.type == "blocked" }
        #expect(blocked?.state == "skipped")
        #expect(blocked?.detail["error"]?["code"] == "window-closed")
    }

    @Test(arguments: [Duration.zero, .seconds(86_300)]) func insideTheWindowItIsSent(age: Duration) async throws {
        let (fixture, _) = try await self.conversation(lastInbound: age)
        let id = try await self.send("Hello", fixture)
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
    }

    @Test func whoNeverWroteHasNoWindow() async throws {
        let (fixture, _) = try await self.conversation(lastInbound: nil)
        let id = try await self.send("Hello", fixture)
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(try await fixture.status(of: id) == .skipped)
    }

    @Test func withoutTheSettingTheProviderDecides() async throws {
        let (fixture, _) = try await self.conversation(lastInbound: Self.closed, settings: ["pair_interval_ms": 0])
        let id = try await self.send("Hello", fixture)
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
    }

    /// The bucket is not emptied by what is not sent, and no worker waits for it.
    @Test func manyAreSkippedInOneGo() async throws {
        let settings: JSONObject = ["enforce_window": true, "pair_interval_ms": 0, "rate_per_second": 1]
        let (fixture, account) = try await self.conversation(lastInbound: Self.closed, settings: settings)
        for number in 0..<5 { try await self.send("\(number)", fixture) }
        let template = try await self.send(#"{"code": "hi"}"#, fixture, as: "template")
        let answer = try await fixture.ask(waitMilliseconds: 5000)
        #expect(answer.leases.map(\.messageID) == [template])
        #expect(answer.leases.first?.reference.number == 1)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE status = 'skipped'") == 5)
        #expect(try await fixture.flow(of: account).tokens < 1)
    }

    /// What came in between may have opened it: then a worker has the message, and keeps it.
    @Test func whatAWorkerHasIsNotForbidden() {
        for standing in Standing.allCases {
            var settlement = Settlement(.standing(standing), attempts: [])
            settlement.forbid(because: .windowClosed, now: StoredMessage.now)
            let isForbidden = [.scheduled, .waiting, .ready, .asideForRetry].contains(standing)
            #expect((settlement.status == .skipped) == (isForbidden || standing == .skipped), "\(standing)")
            #expect((settlement.move == .remove) == isForbidden)
        }
    }

    @Test func theLatestMessageOpensTheWindowWhateverTheOrder() async throws {
        let (fixture, account) = try await self.conversation(lastInbound: .zero)
        let item = fixture.inbound(
            to: account,
            in: try await self.conversationID(fixture),
            on: .whatsapp,
            occurredAt: .now - Self.closed
        )
        try await fixture.receive(item)
        let row = try await fixture.row(
            "SELECT last_inbound_at > now() - interval '1 minute' AS is_open, count(*) OVER () AS count FROM conversation_windows"
        )
        #expect(try row.get("is_open") == true)
        #expect(try row.get("count") == 1)
    }

    /// A person who writes twice in a second, under a number and under a user id.
    @Test(arguments: [[0, 1], [1, 0]], [true, false])
    func oneOfTwoAddressesStaysWhateverTheOrder(order: [Int], together: Bool) async throws {
        let (fixture, account) = try await self.conversation(lastInbound: nil)
        let id = try await self.conversationID(fixture, of: account)
        let senders = [Address(kind: .phone, value: Self.customer), Address(kind: .whatsapp, value: "US.20")]
        let time = Timestamp.now
        let items = order.map {
            fixture.inbound(to: account, from: senders[$0], in: id, on: .whatsapp, occurredAt: time)
        }
        if together {
            try await fixture.receive(all: items)
        } else {
            for item in items { try await fixture.receive(item) }
        }
        let addresses = try await fixture.rows("SELECT address FROM conversation_windows").map {
            try $0.get("address", as: String.self)
        }
        #expect(addresses == ["US.20"])
    }

    @Test(arguments: [
        (ProviderKind.whatsappCloud, JSONValue.bool(true), true), (.whatsappCloud, .bool(false), true),
        (.whatsappCloud, "yes", false), (.whatsappCloud, 1, false), (.twilio, .bool(true), false),
        (.sandbox, .bool(true), false),
    ])
    func onlyAWhatsAppAccountCanEnforceIt(provider: ProviderKind, value: JSONValue, isTaken: Bool) throws {
        var fields = JSONFields(["settings": ["enforce_window": value]], at: "")
        SettingRules(provider).check(fields.object("settings"), in: &fields)
        #expect(fields.violations.isEmpty == isTaken)
        #expect(fields.violations.allSatisfy { $0.pointer == "/settings/enforce_window" })
    }

    @Test func otherChannelsHaveNoWindow() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        try await fixture.receive(fixture.inbound(to: account))
        #expect(try await fixture.count("SELECT count(*) AS count FROM conversation_windows") == 0)
    }

    // MARK: - Dry run

    @Test(
        arguments: [
            (nil, true, "block"), (nil, false, "pass"), (.zero, true, "pass"), (closed, true, "block"),
            (closed, false, "pass"),
        ] as [(Duration?, Bool, String)]
    )
    func aDryRunShowsTheGate(age: Duration?, isEnforced: Bool, verdict: String) async throws {
        let (fixture, _) = try await self.conversation(
            lastInbound: age,
            settings: ["enforce_window": .bool(isEnforced)]
        )
        let gate = try #require(try await self.windowGate(#""body": "Hello""#, fixture))
        #expect(gate["verdict"]?.string == verdict)
        #expect((gate["detail"]?.string?.hasSuffix("not enforced") ?? false) == (!isEnforced && age != .zero))
        #expect(try await self.windowGate(#""template": {"code": "hi"}"#, fixture) == nil)
    }

    /// By the clock of a sandbox, which can be ahead.
    @Test func aSandboxsClockCounts() async throws {
        let fixture = try MessagingFixture()
        try await fixture.rows("INSERT INTO org_settings (org_id, sandbox) VALUES (\(fixture.orgID), true)")
        let account = try await fixture.account(.sandbox)
        try await fixture.receive(
            fixture.inbound(to: account, from: .init(kind: .phone, value: Self.customer), on: .whatsapp)
        )
        let before = try await self.windowGate(#""account_id": "\#(account)", "body": "x""#, fixture)
        #expect(before?["detail"]?.string?.hasPrefix("open until") == true)
        try await fixture.rows("UPDATE org_settings SET clock_offset = 86400000000")
        let after = try await self.windowGate(#""account_id": "\#(account)", "body": "x""#, fixture)
        #expect(after?["detail"]?.string?.hasPrefix("closed since") == true)
    }

    private func windowGate(_ fields: String, _ fixture: MessagingFixture) async throws -> JSONValue? {
        let request = try fixture.request(#"{"to": "\#(Self.customer)", "channel": "whatsapp", \#(fields)}"#)
        return try await fixture.dryRun(request)["gates"]?.array?.first { $0["gate"] == "window" }
    }

    /// A WhatsApp account, and a customer who wrote to it so long ago; nil for never.
    private func conversation(
        lastInbound age: Duration?,
        settings: JSONObject = ["enforce_window": true, "pair_interval_ms": 0]
    ) async throws -> (MessagingFixture, AccountID) {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let account = try await fixture.account(.whatsappCloud, settings)
        if let age {
            let item = fixture.inbound(
                to: account,
                from: .init(kind: .phone, value: Self.customer),
                in: try await self.conversationID(fixture, of: account),
                on: .whatsapp,
                occurredAt: .now - age
            )
            try await fixture.receive(item)
        }
        return (fixture, account)
    }

    /// The conversation that the customer's messages belong to.
    private func conversationID(_ fixture: MessagingFixture, of account: AccountID) async throws -> ConversationID {
        let resolved = try await fixture.prepare.calls.resolveConversations([
            .init(
                orgID: fixture.orgID,
                customerID: .new(),
                accountID: account,
                channel: .whatsapp,
                address: .init(kind: .phone, value: Self.customer)
            )
        ])
        return try #require(resolved.first)
    }

    private func conversationID(_ fixture: MessagingFixture) async throws -> ConversationID {
        try await fixture.row("SELECT conversation_id FROM conversation_windows").get("conversation_id")
    }

    @discardableResult
    private func send(_ text: String, _ fixture: MessagingFixture, as part: String = "body") async throws -> MessageID {
        let content = part == "body" ? #""\#(text)""# : text
        return try await fixture.send(#"{"to": "\#(Self.customer)", "channel": "whatsapp", "\#(part)": \#(content)}"#)
    }
}
