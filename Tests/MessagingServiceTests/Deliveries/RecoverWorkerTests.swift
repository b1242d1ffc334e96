import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What a worker says of the life before it.
@Suite(.messaging) struct RecoverWorkerTests {
    private let error = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func withItsJournalWhatDidNotBeginReturnsAndWhatBeganIsUncertain() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(3)
        let leases = try await fixture.leaseNow()
        let (begun, unused) = (leases[0], leases[1...])
        try await fixture.recover(life: 2, uncertain: [begun])
        #expect(try await fixture.status(of: begun.messageID) == .uncertain)
        #expect(try await fixture.queued(begun.messageID)?.state == .uncertain)
        for lease in unused {
            #expect(try await fixture.status(of: lease.messageID) == .queued)
            let row = try #require(try await fixture.queued(lease.messageID))
            #expect(row.state == .ready)
            #expect(row.crashes == 1)
            #expect(row.lease == nil)
        }
        let states = try await self.attemptStates(fixture)
        #expect(states[begun.messageID] == "uncertain")
        #expect(unused.allSatisfy { states[$0.messageID] == "unused" })
        #expect(try await fixture.count("SELECT sum(attempt_count)::int AS count FROM messages") == 0)
    }

    @Test func withoutItsJournalAnythingMayHaveLeft() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(3)
        _ = try await fixture.leaseNow()
        try await fixture.recover(life: 2, journal: .lost)
        for id in ids { #expect(try await fixture.status(of: id) == .uncertain) }
        #expect(try await fixture.offerAndLease(worker: fixture.worker(life: 2)).isEmpty)
    }

    @Test func sayingItTwiceChangesNothing() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(2)
        let leases = try await fixture.leaseNow()
        for _ in 0..<3 { try await fixture.recover(life: 2, uncertain: [leases[0]]) }
        #expect(try await fixture.states(of: leases.map(\.messageID)) == [.uncertain, .ready])
        #expect(try await fixture.queued(leases[1].messageID)?.crashes == 1)
        #expect(try await fixture.queued(leases[0].messageID)?.crashes == 3)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 2)
    }

    /// What the new life has leased is its own; the same words again do not take it away.
    @Test func whatTheNewLifeHasIsLeftAlone() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.recover(life: 2)
        let lease = try #require(try await fixture.leaseNow(worker: fixture.worker(life: 2)).first)
        #expect(lease.reference == AttemptReference(messageID: id, number: 2))
        try await fixture.recover(life: 2)
        #expect(try await fixture.status(of: id) == .sending)
    }

    @Test func whatOtherWorkersHoldIsLeftAlone() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow(worker: .init(name: "another", incarnation: 1))
        try await fixture.recover(life: 2, journal: .lost)
        #expect(try await fixture.status(of: id) == .sending)
    }

    @Test func anEarlierLifeIsToldThatItIsOver() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow(worker: fixture.worker(life: 3))
        let problem = await #expect(throws: Problem.self) { try await fixture.recover(life: 2, journal: .lost) }
        #expect(problem?.code == "worker-superseded")
        #expect(try await fixture.status(of: id) == .sending)
    }

    /// What ended and was told before is not touched by what the journal does not say.
    @Test func whatWasToldBeforeStays() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(2)
        let leases = try await fixture.leaseNow()
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: leases[0])
        try await fixture.recover(life: 2)
        #expect(try await fixture.status(of: leases[0].messageID) == .sent)
        #expect(try await fixture.status(of: leases[1].messageID) == .queued)
    }

    @Test func moreThanOneTransactionTakesAreSettled() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(RecoverWorker.batch + 20)
        while try await !fixture.leaseNow(slots: 1000).isEmpty {}
        try await fixture.recover(life: 2)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'ready'") == ids.count)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts WHERE state = 'unused'") == ids.count)
    }

    /// Silence said first that they are uncertain; the journal knows more.
    @Test func aJournalThatComesBackDecidesWhatSilenceLeftUncertain() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(2)
        let leases = try await fixture.leaseNow()
        try await self.fallSilent(fixture)
        #expect(try await fixture.states(of: leases.map(\.messageID)) == [.uncertain, .uncertain])
        try await fixture.recover(life: 2, uncertain: [leases[0]])
        #expect(try await fixture.states(of: leases.map(\.messageID)) == [.uncertain, .ready])
        // It was one crash, however often it is told.
        #expect(try await fixture.queued(leases[0].messageID)?.crashes == 3)
        #expect(try await fixture.queued(leases[1].messageID)?.crashes == 1)
    }

    @Test func withALostJournalAllMayHaveBegun() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(2)
        _ = try await fixture.leaseNow()
        try await self.fallSilent(fixture)
        try await fixture.recover(life: 2, journal: .lost)
        #expect(try await fixture.states(of: ids) == [.uncertain, .uncertain])
        for id in ids { #expect(try await fixture.queued(id)?.crashes == 3) }
    }

    /// Nobody comes back, and it is sent again.
    @Test func whatIsResentAfterSilenceCountsAsBegun() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend"}"#
        )
        _ = try await fixture.leaseNow()
        try await self.fallSilent(fixture)
        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.queued(id)?.state == .ready)
        #expect(try await fixture.queued(id)?.crashes == 3)
    }

    /// The worker is not heard of for ten seconds, and is called dead.
    private func fallSilent(_ fixture: MessagingFixture) async throws {
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '10 seconds'")
        }
        let start = ContinuousClock.now
        let endLeases = EndLeases(
            engine: fixture.engine,
            settle: fixture.settle,
            pace: SharedPace(free: .seconds(600)),
            now: start
        )
        for second in [3, 6, 9] { try await endLeases(now: start + .seconds(second)) }
    }

    private func attemptStates(_ fixture: MessagingFixture) async throws -> [MessageID: String] {
        let rows = try await fixture.rows("SELECT message_id, state::text FROM attempts")
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (try $0.get("message_id", as: MessageID.self), try $0.get("state")) }
        )
    }
}
