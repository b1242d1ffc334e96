import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A broadcast is paused, resumed, cancelled, and its failures are sent once more.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ChangeBroadcastTests {
    private static let three =
        #"{"recipients": [{"to": "+15550000001"}, {"to": "+15550000002"}, {"to": "+15550000003"}]}"#

    private func act(_ verb: ChangeBroadcast.Verb, _ id: ID<Broadcast>, _ fixture: BroadcastFixture) async throws
        -> BroadcastState
    {
        try await fixture.change(verb, id, for: fixture.messaging.acting, now: .now, requestID: "r").state
    }

    @Test func nothingOfAPausedOneLeavesUntilItGoesOn() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(Self.three)
        try await fixture.work()
        #expect(try await self.act(.pause, id, fixture) == .paused)
        #expect(try await self.act(.pause, id, fixture) == .paused)
        #expect(try await fixture.messaging.leaseNow().isEmpty)
        #expect(try await self.act(.resume, id, fixture) == .running)
        try await fixture.work()
        while try await fixture.messaging.sweep.placeDue() {}
        #expect(try await fixture.messaging.offerAndLease().count == 3)
    }

    /// What was put off wakes with the first step, though most recipients still wait for their message.
    @Test func aPauseInTheMiddleHoldsNothingUpAfterwards() async throws {
        let fixture = try BroadcastFixture()
        let recipients = (0..<3).map { #"{"to": "+1555000000\#($0 + 1)"}"# }.joined(separator: ",")
        let id = try await fixture.broadcast(
            #"{"recipients": [\#(recipients)], "batch_size": 1, "batch_interval_seconds": 3600}"#
        )
        try await fixture.work()
        _ = try await self.act(.pause, id, fixture)
        #expect(try await fixture.messaging.leaseNow().isEmpty)
        _ = try await self.act(.resume, id, fixture)
        // However late the step comes.
        try await fixture.messaging.rows("UPDATE broadcasts SET waking_until = now() - interval '1 minute'")
        #expect(try await fixture.runner().stepAll())
        while try await fixture.messaging.sweep.placeDue() {}
        #expect(try await fixture.messaging.offerAndLease().count == 2)
        #expect(
            try await fixture.messaging.count("SELECT count(*) AS count FROM broadcasts WHERE waking_until IS NULL")
                == 1
        )
    }

    @Test func oneThatIsPausedBeforeItsStartMakesNothing() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(Self.three)
        #expect(try await self.act(.pause, id, fixture) == .paused)
        try await fixture.work()
        #expect(try await fixture.find(id).counts.messages == 0)
        #expect(try await self.act(.resume, id, fixture) == .running)
        try await fixture.work()
        #expect(try await fixture.find(id).counts.messages == 3)
    }

    @Test func aCancelledOneMakesAndSendsNothingMore() async throws {
        let fixture = try BroadcastFixture()
        let id = try await fixture.broadcast(Self.three)
        try await fixture.work()
        let held = try await fixture.messaging.leaseNow(slots: 1)
        #expect(try await self.act(.cancel, id, fixture) == .cancelled)
        // Those that are claimed before the job comes to them are withdrawn by the claim.
        #expect(try await fixture.messaging.leaseNow().isEmpty)
        #expect(try await fixture.messaging.statuses(of: id) == ["cancelled": 2, "sending": 1])
        try await fixture.messaging.tell(.accepted(providerMessageID: "p"), of: held)
        #expect(try await fixture.messaging.statuses(of: id) == ["cancelled": 2, "sent": 1])
        let problem = await #expect(throws: Problem.self) { try await self.act(.resume, id, fixture) }
        #expect(problem?.code == "broadcast-state")
        #expect(try await self.act(.cancel, id, fixture) == .cancelled)
    }

    @Test func itIsDoneWhenAllHaveComeToAnEndAndFailuresCanBeRetried() async throws {
        let fixture = try BroadcastFixture()
        let (messaging, acting) = (fixture.messaging, fixture.messaging.acting)
        let id = try await fixture.broadcast(Self.three)
        try await fixture.work()
        let leases = try await messaging.leaseNow()
        try await messaging.tell(.accepted(providerMessageID: "p"), of: Array(leases.prefix(2)))
        try await fixture.wait()
        try await fixture.work()
        #expect(try await fixture.find(id).state == .running)
        let error = ProviderError(code: "131026", detail: "Undeliverable.")
        try await messaging.tell(.rejected(error), of: Array(leases.suffix(1)))
        try await fixture.wait()
        try await fixture.work()
        #expect(try await fixture.find(id).state == .done)
        #expect(try await fixture.find(id).finishedAt != nil)

        let job = try await fixture.change.retry(id, for: acting, requestID: "r")
        #expect(job.total == 1)
        #expect(try await fixture.find(id).state == .running)
        let runner = RunJobs(
            engine: messaging.engine,
            postgres: messaging.postgres,
            act: ActOnMessages(
                change: messaging.change,
                delete: DeleteMessages(postgres: messaging.postgres, due: messaging.due)
            ),
            wake: JobSignal(),
            replica: "a",
            clock: ContinuousClock(),
            logger: .quiet
        )
        while try await runner.stepAll() {}
        try await messaging.tell(.accepted(providerMessageID: "q"), of: try await messaging.leaseNow())
        try await fixture.wait()
        try await fixture.work()
        #expect(try await fixture.find(id).state == .done)
        #expect(try await messaging.statuses(of: id) == ["sent": 3])
        await #expect(throws: Problem.self) { try await fixture.change.retry(id, for: acting, requestID: "r") }
    }
}

extension MessagingFixture {
    /// How many messages of a broadcast are where.
    fileprivate func statuses(of id: ID<Broadcast>) async throws -> [String: Int] {
        let rows = try await self.rows(BroadcastStore.counts(of: id, self.orgID))
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (try $0.get("status"), try $0.get("count")) }
        )
    }
}
