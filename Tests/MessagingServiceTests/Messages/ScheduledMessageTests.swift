import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// Messages for later: they have no place before their time.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ScheduledMessageTests {
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

    /// The service's own loop, with the database's clock: it rests no longer than until the next message is due.
    @Test func aMessageIsPlacedWithinMillisecondsOfItsTime() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.send(after: 3600, fixture)
        let rests = Mutex<[Duration]>([])
        let clock = RestClock { rest in
            // Nobody else places it, so it is as the loop left it. Without a lock, which a claim would pass over.
            let waiting = try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'scheduled'")
            guard waiting == 1 else { return }
            let isFirst = rests.withLock { rests in
                rests.append(rest)
                return rests.count == 1
            }
            guard isFirst else { return }
            try await fixture.rows("UPDATE outbox SET due_at = now() + interval '40 milliseconds'")
        }
        let place = PlaceDueMessages(engine: fixture.engine, sweep: fixture.sweep, clock: clock, logger: .quiet)
        let service = Task { try await place.run() }
        let lease = try await fixture.ask(waitMilliseconds: 120_000).leases.first
        service.cancel()
        try await service.value
        #expect(lease?.messageID == id)
        let lengths = rests.withLock { $0 }
        #expect(lengths.first == PlaceDueMessages.interval)
        #expect(lengths.dropFirst().allSatisfy { $0 <= .milliseconds(40) }, "\(lengths)")
    }

    private func send(after seconds: Int, _ fixture: MessagingFixture) async throws -> MessageID {
        let time = Timestamp.now + .seconds(seconds)
        return try await fixture.send("after \(seconds)", to: Self.ann, ["scheduled_at": .string("\(time)")])
    }
}

/// A clock that tells how long each rest is to be, and makes a millisecond of it.
private struct RestClock: Clock {
    typealias Duration = Swift.Duration
    typealias Instant = ContinuousClock.Instant

    /// Stands still, so that a rest is as long as was asked for.
    let now = ContinuousClock.now
    private let onRest: @Sendable (Duration) async throws -> Void

    var minimumResolution: Duration { .zero }

    init(onRest: @escaping @Sendable (Duration) async throws -> Void) {
        self.onRest = onRest
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await self.onRest(self.now.duration(to: deadline))
        try await ContinuousClock().sleep(for: .milliseconds(1))
    }
}
