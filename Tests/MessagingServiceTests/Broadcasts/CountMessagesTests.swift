import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Counts of a broadcast's messages, which are kept in proportion to what they cost.
@Suite(.messaging, .timeLimit(.minutes(5))) struct CountMessagesTests {
    private func counts(_ count: CountMessages, _ id: ID<Broadcast>, _ fixture: BroadcastFixture) async throws
        -> CountMessages.Counts
    {
        let broadcast = try await fixture.find(id)
        return try await fixture.messaging.postgres.transaction(for: [fixture.messaging.orgID]) { connection in
            try count(of: broadcast, on: connection)
        }
    }

    private func fixture() async throws -> (BroadcastFixture, ID<Broadcast>) {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(#"{"recipients": [{"to": "+15550000001"}, {"to": "+15550000002"}]}"#)
        try await fixture.work()
        return (fixture, id)
    }

    @Test func aKeptCountIsAnsweredUntilTheBroadcastStandsElsewhere() async throws {
        let (fixture, id) = try await self.fixture()
        let count = CountMessages(ratio: 1_000_000_000)
        #expect(try await self.counts(count, id, fixture) == [.queued: 2])
        let leases = try await fixture.messaging.leaseNow()
        try await fixture.messaging.tell(.accepted(providerMessageID: "p1"), of: try #require(leases.first))
        #expect(try await self.counts(count, id, fixture) == [.queued: 2])
        _ = try await fixture.change(.pause, id, for: fixture.messaging.acting, now: .now, requestID: "r")
        #expect(try await self.counts(count, id, fixture) == [.sending: 1, .sent: 1])
    }

    @Test func whatCostNothingIsCountedAnew() async throws {
        let (fixture, id) = try await self.fixture()
        let count = CountMessages(ratio: 0)
        #expect(try await self.counts(count, id, fixture) == [.queued: 2])
        let leases = try await fixture.messaging.leaseNow()
        try await fixture.messaging.tell(.accepted(providerMessageID: "p1"), of: try #require(leases.first))
        #expect(try await self.counts(count, id, fixture) == [.sending: 1, .sent: 1])
    }
}
