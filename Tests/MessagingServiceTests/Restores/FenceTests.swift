import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A database that was restored, and workers that remember more than it does.
@Suite(.messaging, .timeLimit(.minutes(5))) struct FenceTests {
    @Test func aFencedDatabaseTakesMessagesAndLeasesNone() async throws {
        let fixture = try MessagingFixture()
        try await fixture.fence()
        let id = try await fixture.send()
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await fixture.status(of: id) == .queued)
        let dryRun = try await fixture.row("SELECT fence_reason FROM engine_state")
        #expect(try dryRun.get("fence_reason", as: String.self) == "restored")
    }

    /// An ordinary first start, and an added worker.
    @Test func aWorkerThatRemembersNothingClosesNothing() async throws {
        let fixture = try MessagingFixture()
        let first = try await fixture.beat(.init(epoch: nil, beats: 0))
        #expect(!first.isFenced)
        #expect(first.beats == 1)
        let second = try await fixture.beat(.init(epoch: first.epoch, beats: first.beats))
        #expect(second.beats == 2)
        #expect(second.epoch == first.epoch && !second.isFenced)
    }

    @Test func aDatabaseThatCountsFewerHeartbeatsThanWereAnsweredIsFenced() async throws {
        let fixture = try MessagingFixture()
        let standing = try await fixture.beat(.init(epoch: nil, beats: 0))
        let after = try await fixture.beat(.init(epoch: standing.epoch, beats: 2))
        #expect(after.isFenced)
        #expect(after.epoch != standing.epoch)
        #expect(after.restoredTo != nil)
        let row = try await fixture.row("SELECT fence_reason FROM engine_state")
        #expect(try row.get("fence_reason", as: String.self) == "went-back")
        // The next one that remembers the same changes nothing more.
        #expect(try await fixture.beat(.init(epoch: standing.epoch, beats: 9)).epoch == after.epoch)
    }

    @Test func aWorkerThatTheDatabaseForgotClosesIt() async throws {
        let fixture = try MessagingFixture()
        let epoch = try await fixture.epoch()
        #expect(try await fixture.beat(.init(epoch: epoch, beats: 1)).isFenced)
    }

    @Test func nothingIsLeasedForTheWorkOfAnotherDatabase() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await fixture.offer()
        // It was away while a restore was reconciled: it has something to tell, and is no reason to stop.
        let before = try await fixture.epoch()
        try await fixture.rows(
            "UPDATE engine_state SET past_epochs = past_epochs || epoch, epoch = gen_random_uuid()"
        )
        #expect(try await fixture.lease(fixture.question(1, .init(epoch: before, beats: 9))).leases.isEmpty)
        let now = MessagingAPI.Memory(epoch: try await fixture.epoch(), beats: 0)
        #expect(try await fixture.lease(fixture.question(2, now)).leases.count == 1)
    }

    @Test func aDatabaseThatAWorkerNeverKnewIsFenced() async throws {
        let fixture = try MessagingFixture()
        let stranger = MessagingAPI.Memory(epoch: UUID(), beats: 1)
        #expect(try await fixture.beat(stranger).isFenced)
        let row = try await fixture.row("SELECT fence_reason FROM engine_state")
        #expect(try row.get("fence_reason", as: String.self) == "another-database")
        // Once: then it is known that the worker worked for another.
        let epoch = try await fixture.epoch()
        #expect(try await fixture.beat(stranger).epoch == epoch)
    }

    /// Its intact journal tells of another database's leases: what this one's came to is not in it.
    @Test func theJournalOfAnotherDatabasesWorkGivesNothingBack() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        let memory = MessagingAPI.Memory(epoch: UUID(), beats: 0)
        try await fixture.recoverWorker(
            .init(worker: fixture.worker(life: 2), journal: .intact, uncertain: [], memory: memory)
        )
        #expect(try await fixture.status(of: id) == .uncertain)
    }

    @Test func aWorkerOfTheReleaseBeforeGivesNothingBackToAFencedDatabase() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.fence()
        try await fixture.recover(life: 2)
        #expect(try await fixture.status(of: id) == .uncertain)
    }
}

extension MessagingFixture {
    /// What deploy/restore does last.
    func fence(restoredTo: Timestamp = .now) async throws {
        try await self.rows(
            """
            UPDATE engine_state SET epoch = gen_random_uuid(), fenced_at = clock_timestamp(), fence_reason = 'restored',
                   restored_to = \(restoredTo)
            """
        )
    }

    func epoch() async throws -> UUID { try await self.row("SELECT epoch FROM engine_state").get("epoch") }

    /// A heartbeat of the fixture's worker.
    func beat(_ memory: MessagingAPI.Memory) async throws -> MessagingAPI.Standing {
        let worker = self.worker
        let life = try await self.postgres.run { connection in
            try WorkerStore.beat(worker, memory: memory, on: connection)
        }
        guard case .alive(_, let standing, _) = life else { throw Problem.internal }
        return standing
    }

    func question(_ call: Int, _ memory: MessagingAPI.Memory) -> MessagingAPI.LeaseRequest {
        .init(
            worker: self.worker,
            slots: 10,
            waitMilliseconds: 0,
            call: call,
            received: call - 1,
            suspects: 1,
            memory: memory
        )
    }
}
