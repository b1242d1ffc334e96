import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Messages for later: they have no place before their time.
@Suite(.messaging, .timeLimit(.minutes(1))) struct ScheduledMessageTests {
    private static let ann = "+15550000001"

    @Test func theyGetTheirPlacesInTheOrderInWhichTheyAreDue() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        // Made in another order than they are due.
        var ids: [MessageID] = []
        for seconds in [300, 100, 200] { ids.append(try await self.send(after: seconds, fixture)) }
        let direct = try await fixture.send("direct", to: Self.ann)
        #expect(try await fixture.states(of: ids + [direct]) == [.scheduled, .scheduled, .scheduled, .ready])
        try await fixture.rows("UPDATE outbox SET due_at = due_at - interval '1 hour' WHERE state = 'scheduled'")
        try await fixture.sweep.placeDue()
        #expect(try await fixture.states(of: ids + [direct]) == [.waiting, .waiting, .waiting, .ready])
        var order: [MessageID] = []
        for turn in 0..<4 {
            let lease = try #require(try await fixture.leaseNow().first)
            order.append(lease.messageID)
            try await fixture.tell(.accepted(providerMessageID: "SM\(turn)"), of: lease)
        }
        #expect(order == [direct, ids[1], ids[2], ids[0]])
    }

    @Test func onlyWhatIsDueGetsAPlace() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let ids = [try await self.send(after: 60, fixture), try await self.send(after: 120, fixture)]
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second' WHERE message_id = \(ids[0])")
        try await fixture.sweep.placeDue()
        #expect(try await fixture.states(of: ids) == [.ready, .scheduled])
        #expect(try await fixture.status(of: ids[0]) == .queued)
        #expect(try await fixture.status(of: ids[1]) == .scheduled)
        // It is said at once that there is something to claim.
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[0]])
    }

    @Test func anyNumberMayBeDueAtOnce() async throws {
        let fixture = try MessagingFixture()
        let later = Timestamp.now + .seconds(3600)
        let count = 2 * ChangeMessages.batch + 20
        try await fixture.sendBatch(count, ["scheduled_at": .string("\(later)")])
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second'")
        while try await fixture.sweep.placeDue() {}
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'ready'") == count)
    }

    /// Whoever schedules very many does not hold up who schedules one.
    @Test func aCampaignDoesNotHoldUpAnotherOrganization() async throws {
        let (fixture, other) = (try MessagingFixture(), try MessagingFixture())
        let later = Timestamp.now + .seconds(3600)
        try await fixture.sendBatch(3 * ChangeMessages.batch, ["scheduled_at": .string("\(later)")])
        let id = try await other.send("x", to: Self.ann, ["scheduled_at": .string("\(later)")])
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 hour'")
        try await other.rows("UPDATE outbox SET due_at = now() - interval '1 second'")
        #expect(try await fixture.sweep.placeDue())
        #expect(try await other.queued(id)?.state == .ready)
    }

    /// The service's own loop, with the database's clock.
    @Test func aMessageIsPlacedWithinMillisecondsOfItsTime() async throws {
        let fixture = try MessagingFixture()
        let time = Timestamp.now + .milliseconds(400)
        let id = try await fixture.send("x", to: Self.ann, ["scheduled_at": .string("\(time)")])
        let place = PlaceDueMessages(
            engine: fixture.engine,
            sweep: fixture.sweep,
            clock: ContinuousClock(),
            logger: .quiet
        )
        let service = Task { try await place.run() }
        let lease = try #require(try await fixture.ask(waitMilliseconds: 20_000).leases.first)
        let late = Timestamp.now - time
        service.cancel()
        try await service.value
        #expect(lease.messageID == id)
        #expect(late > .zero && late < .seconds(2), "\(late)")
    }

    private func send(after seconds: Int, _ fixture: MessagingFixture) async throws -> MessageID {
        let time = Timestamp.now + .seconds(seconds)
        return try await fixture.send("after \(seconds)", to: Self.ann, ["scheduled_at": .string("\(time)")])
    }
}
