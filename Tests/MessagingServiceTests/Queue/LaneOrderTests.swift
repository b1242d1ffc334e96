import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The order of one conversation, through create, lease and settle.
@Suite(.messaging) struct LaneOrderTests {
    private static let ann = "+15550000001"
    private let failure = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func messagesOfAConversationGoOneAfterTheOther() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second", "third"], fixture)
        #expect(try await fixture.states(of: ids) == [.ready, .waiting, .waiting])
        var bodies: [String?] = []
        for turn in 0..<3 {
            let leases = try await fixture.leaseNow()
            bodies += leases.map(\.content.body)
            #expect(try await fixture.lane(of: ids[0]).waiting == 2 - turn)
            #expect(try await fixture.leaseNow().isEmpty)
            try await fixture.tell(.accepted(providerMessageID: "SM\(turn)"), of: leases)
        }
        #expect(bodies == ["first", "second", "third"])
        let lane = try await fixture.lane(of: ids[0])
        #expect(lane.head == nil)
        #expect(lane.waiting == 0)
        #expect(lane.nextPlace == 3)
    }

    @Test func theNextIsPromotedInTheMomentInWhichTheFirstEnds() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(try await fixture.states(of: ids) == [.leased, .waiting])
        try await fixture.tell(.rejected(self.failure), of: lease)
        #expect(try await fixture.states(of: ids) == [nil, .ready])
        #expect(try await fixture.lane(of: ids[1]).head == ids[1])
    }

    @Test func aBatchKeepsItsOrder() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let bodies = (0..<20).map { "\($0)" }
        let requests = try bodies.map { try fixture.request(MessagingFixture.message($0, to: Self.ann)) }
        let ids = try await fixture.create(requests).map { try MessagingFixture.id(in: try $0.get()) }
        #expect(try await fixture.lane(of: ids[0]).waiting == 19)
        var sent: [String] = []
        for _ in bodies {
            let lease = try #require(try await fixture.leaseNow().first)
            sent.append(lease.content.body ?? "")
            try await fixture.tell(.accepted(providerMessageID: sent.last ?? ""), of: lease)
        }
        #expect(sent == bodies)
    }

    @Test func oneTimeCodesHaveALaneOfTheirOwn() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let text = try await fixture.send("text", to: Self.ann)
        let code = try await fixture.send("code", to: Self.ann, ["category": "otp"])
        let marketing = try await fixture.send("offer", to: Self.ann, ["category": "marketing"])
        let second = try await fixture.send("code 2", to: Self.ann, ["category": "otp"])
        #expect(try await fixture.states(of: [text, code, marketing, second]) == [.ready, .ready, .waiting, .waiting])
        #expect(Set(try await fixture.leaseNow().map(\.messageID)) == [code, text])
    }

    @Test func otherConversationsAreNotHeldUp() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await self.send(["first", "second"], fixture)
        let other = try await fixture.send("other", to: "+15550000002")
        #expect(try await fixture.leaseNow().map(\.messageID).contains(other))
    }

    @Test func aRetryWithinThePatienceOfTheAccountKeepsTheLane() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second"], fixture, ["retry": ["delays": ["10s"]]])
        try await self.failFirst(of: fixture)
        #expect(try await fixture.states(of: ids) == [.ready, .waiting])
        #expect(try await fixture.offerAndLease().isEmpty)
        try await fixture.rows("UPDATE outbox SET due_at = now() WHERE message_id = \(ids[0])")
        #expect(try await fixture.offerAndLease().map(\.reference) == [AttemptReference(messageID: ids[0], number: 2)])
        #expect(try await fixture.timeline(of: ids[0]).map(\.type).contains("waiting"))
    }

    @Test func aRetryBeyondItStepsAsideAndIsSeenToDoSo() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second"], fixture, ["retry": ["delays": ["10m"]]])
        try await self.failFirst(of: fixture)
        #expect(try await fixture.states(of: ids) == [.scheduled, .ready])
        #expect(try await fixture.status(of: ids[0]) == .queued)
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
        #expect(try await fixture.row("SELECT stepped_aside FROM attempts").get("stepped_aside") == true)
        let entry = try #require(try await fixture.timeline(of: ids[0]).first { $0.type == "stepped_aside" })
        #expect(entry.attempt == 1)
        #expect(
            entry.detail["next_attempt_at"]?.string.flatMap { Timestamp($0) }
                == (try await fixture.queued(ids[0]))?.dueAt
        )
    }

    /// It has waited, and goes behind those that passed it.
    @Test func whoSteppedAsideComesBackAtTheEnd() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second", "third"], fixture, ["retry": ["delays": ["10m"]]])
        try await self.failFirst(of: fixture)
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second' WHERE message_id = \(ids[0])")
        try await fixture.sweep.placeDue()
        #expect(try await fixture.states(of: ids) == [.waiting, .ready, .waiting])
        var order: [MessageID] = []
        for _ in ids {
            let lease = try #require(try await fixture.leaseNow().first)
            order.append(lease.messageID)
            try await fixture.tell(.accepted(providerMessageID: "SM\(order.count)"), of: lease)
        }
        #expect(order == [ids[1], ids[2], ids[0]])
    }

    @Test func anAccountWithoutPatienceLetsTheNextPassAtOnce() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        try await fixture.account(.sandbox, ["order_patience_seconds": 0])
        let ids = try await self.send(["first", "second"], fixture, ["retry": ["delays": ["10s"]]])
        try await self.failFirst(of: fixture)
        #expect(try await fixture.states(of: ids) == [.scheduled, .ready])
    }

    @Test func anUncertainMessageKeepsTheLaneUntilItsHoldEnds() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = try await self.send(["first", "second"], fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(self.failure), of: lease)
        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.states(of: ids) == [.uncertain, .waiting])
        #expect(try await fixture.offerAndLease().isEmpty)
        try await fixture.rows("UPDATE outbox SET due_at = now(), hold_until = now() WHERE message_id = \(ids[0])")
        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.status(of: ids[0]) == .uncertain)
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
        #expect(try await fixture.states(of: ids) == [.held, .leased])
        #expect(try await fixture.timeline(of: ids[0]).last?.type == "held")
    }

    @discardableResult
    private func send(
        _ bodies: [String],
        _ fixture: MessagingFixture,
        _ fields: JSONObject = [:]
    ) async throws -> [MessageID] {
        var ids: [MessageID] = []
        for body in bodies { ids.append(try await fixture.send(body, to: Self.ann, fields)) }
        return ids
    }

    private func failFirst(of fixture: MessagingFixture) async throws {
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.failedTransiently(self.failure, retryAfter: nil), of: lease)
    }
}
