import InboundGateway
import InternalAPI
import Shared
import TestSupport
import Testing

/// Messages and reports go their ways apart, and each is finished when its services are there.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct LaneTests {
    enum Missing: CaseIterable, Sendable {
        case customers, conversations, messaging

        func set(_ mode: FakeMode, in gateway: Gateway) {
            switch self {
            case .customers: gateway.customers.set(mode)
            case .conversations: gateway.conversations.set(mode)
            case .messaging: gateway.messaging.set(mode)
            }
        }
    }

    let account = MessagingAPI.WebhookAccount.whatsApp()
    let secret = "app secret A"
    private var number: String { self.account.number ?? "" }

    @Test(arguments: Missing.allCases)
    func aMessageIsFinishedWhenAllThreeServicesAreThere(missing: Missing) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            try await self.post(Payloads.statuses(["wamid.0"], number: self.number), to: gateway)
            missing.set(.down, in: gateway)
            for message in 1...20 {
                try await self.post(Payloads.message("wamid.m\(message)", text: "x", number: self.number), to: gateway)
            }
            #expect(gateway.messaging.received.isEmpty)
            #expect(try await Stored.events(of: self.account.orgID).count { $0.state == "pending" } == 20)
            missing.set(.up, in: gateway)
            try await eventually {
                try await Stored.events(of: self.account.orgID).allSatisfy { $0.state == "done" }
            }
            #expect(Set(gateway.messaging.received.map(\.message.eventKey)).count == 20)
        }
    }

    /// Nobody waits for those before, but for who changes a consent.
    @Test func inACrowdOnlyAKeywordWaitsForItsEffect() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            gateway.customers.set(.hanging)
            async let first: Void = self.post(Payloads.message("wamid.m1", text: "x", number: self.number), to: gateway)
            try await eventually { gateway.customers.calls == 1 }
            let start = ContinuousClock.now
            try await self.post(Payloads.message("wamid.m2", text: "x", number: self.number), to: gateway)
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(gateway.customers.received.isEmpty)
            async let stop: Void = self.post(
                Payloads.message("wamid.m3", text: "Stop", number: self.number),
                to: gateway
            )
            try await eventually { try await Stored.events(of: self.account.orgID).count == 3 }
            gateway.customers.set(.up)
            try await stop
            #expect(gateway.customers.received.contains { $0.keyword == .stop })
            #expect(gateway.messaging.received.contains { $0.message.eventKey == "wamid.m3" })
            try await first
            try await eventually {
                try await Stored.events(of: self.account.orgID).allSatisfy { $0.state == "done" }
            }
        }
    }

    @Test func reportsDoNotWaitForTheServicesOfMessages() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            gateway.customers.set(.down)
            try await self.post(Payloads.message("wamid.m", text: "x", number: self.number), to: gateway)
            try await self.post(Payloads.statuses(["wamid.1"], number: self.number), to: gateway)
            #expect(gateway.messaging.appliedKeys == ["wamid.1:delivered:1700000000"])
        }
    }

    @Test func aRefusedMessageCostsItsNeighboursNothing() async throws {
        var policy = InboxPolicy.quick
        policy.maximumRefusals = 3
        try await Gateway.run([self.account], policy: policy) { gateway async throws in
            gateway.conversations.set(.refusing(eventKey: "wamid.m2"))
            let messages = ["wamid.m1", "wamid.m2", "wamid.m3"]
            try await self.post(Payloads.messages(messages, number: self.number), to: gateway)
            try await eventually {
                try await Stored.events(of: self.account.orgID).map(\.state) == ["done", "failed", "done"]
            }
            #expect(Set(gateway.messaging.received.map(\.message.eventKey)) == ["wamid.m1", "wamid.m3"])
        }
    }

    /// They come in the order in which they stand in the webhook, a microsecond apart.
    @Test func messagesOfOneWebhookArriveInItsOrder() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let ids = (0..<50).map { "wamid.\($0)" }
            try await self.post(Payloads.messages(ids, number: self.number), to: gateway)
            let sorted = gateway.messaging.received.sorted { $0.arrivedAt < $1.arrivedAt }
            #expect(sorted.map(\.message.eventKey) == ids)
            #expect(Set(sorted.map(\.arrivedAt)).count == 50)
        }
    }

    private func post(_ body: String, to gateway: Gateway) async throws {
        #expect(try await gateway.meta(body, secret: self.secret, to: self.account.accountID).status == 200)
    }
}
