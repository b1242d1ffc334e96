import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct RecoveryTests {
    private let queue = TestQueue()
    private let clock = TestClock()
    /// What the life before left.
    private let storage = MemoryJournal()

    @Test func outcomesAreToldBeforeWhatIsUncertainAndBeforeAnyLease() async throws {
        self.clock.runFreely()
        let keys = try self.earlierLife(ended: 2500, begun: 2)
        let worker = try Worker(queue: self.queue, clock: self.clock)
        let work = self.work(dispatcher: worker.dispatcher)
        try await withServices([work]) {
            try await eventually { await self.queue.calls.last == "lease" }
        }
        #expect(await self.queue.calls == ["report", "report", "report", "recover", "lease"])
        #expect(await self.queue.told.map(\.outcomes.count) == [1000, 1000, 500])
        #expect(await self.queue.reported.map(\.key) == keys.ended)
        let recovery = try #require(await self.queue.recoveries.first)
        #expect(recovery.worker == .test)
        #expect(recovery.journal == .intact)
        #expect(recovery.uncertain == keys.begun)
        let fresh = try JournalRecord.header(.test).frame()
        #expect(self.storage.bytes == fresh)
    }

    @Test func eachStepIsRepeatedUntilItIsTaken() async throws {
        self.clock.runFreely()
        _ = try self.earlierLife(ended: 3, begun: 1)
        await self.queue.failNext(reports: 4, recoveries: 4)
        let recovery = self.recovery()
        try await recovery()
        #expect(await self.queue.calls == ["report", "recover"])
        #expect(self.storage.replay.outcomes.isEmpty && self.storage.replay.uncertain.isEmpty)
    }

    @Test func anOutcomeThatIsRefusedIsUncertain() async throws {
        let keys = try self.earlierLife(ended: 20, begun: 1)
        await self.queue.refuse(keys.ended[7].reference.messageID)
        let recovery = self.recovery()
        try await recovery()
        #expect(await self.queue.reported.count == 19)
        // Otherwise the attempt would be taken for one that never left.
        #expect(await self.queue.recoveries.map(\.uncertain) == [keys.begun + [keys.ended[7]]])
    }

    @Test func aLostJournalIsSaidToBeLost() async throws {
        let recovery = self.recovery()
        try await recovery()
        let request = try #require(await self.queue.recoveries.first)
        #expect(request.journal == .lost)
        #expect(request.uncertain.isEmpty)
        #expect(self.storage.replay.condition == .intact)
    }

    @Test func nothingIsLeasedBeforeTheJournalCanBeWritten() async throws {
        let keys = try self.earlierLife(ended: 0, begun: 1)
        self.storage.limit(to: 10)
        let worker = try Worker(queue: self.queue, clock: self.clock)
        try await withServices([self.work(dispatcher: worker.dispatcher)]) {
            for _ in 1...3 {
                try await eventually { !self.clock.sleeps.isEmpty }
                self.clock.advance(by: .seconds(1))
            }
            try await eventually { !self.clock.sleeps.isEmpty }
            #expect(await self.queue.calls == ["recover"])
            #expect(self.storage.replay.uncertain == keys.begun)
            self.storage.limit(to: .max)
            self.clock.advance(by: .seconds(1))
            try await eventually { await self.queue.calls == ["recover", "lease"] }
            self.clock.runFreely()
        }
        #expect(self.storage.replay.uncertain.isEmpty)
    }

    @Test func aShutdownBeforeTheRecoveryLeavesTheJournalToTheNextLife() async throws {
        let keys = try self.earlierLife(ended: 1, begun: 1)
        let before = self.storage.bytes
        await self.queue.failNext(recoveries: .max)
        let worker = try Worker(queue: self.queue, clock: self.clock)
        try await withServices([self.work(dispatcher: worker.dispatcher)]) {
            try await eventually { !self.clock.sleeps.isEmpty }
        }
        #expect(await self.queue.calls == ["report"])
        #expect(self.storage.bytes == before)
        #expect(self.storage.replay.uncertain == keys.begun)
    }

    @Test func anIdleWorkerRecoversAndTakesNothing() async throws {
        let keys = try self.earlierLife(ended: 0, begun: 1)
        try await withServices([self.work(dispatcher: nil)]) {
            try await eventually { self.storage.replay.uncertain.isEmpty }
        }
        #expect(await self.queue.recoveries.map(\.uncertain) == [keys.begun])
        #expect(await self.queue.calls == ["recover"])
    }

    private func earlierLife(
        ended: Int,
        begun: Int
    ) throws -> (ended: [MessagingAPI.AttemptKey], begun: [MessagingAPI.AttemptKey]) {
        let journal = AttemptJournal(storage: self.storage, owner: .test)
        try journal.begin()
        let keys = (0..<ended + begun).map { MessagingAPI.AttemptKey.test($0 + 1) }
        for key in keys { try journal.writeIntent(key, startedAt: .now) }
        for key in keys.prefix(ended) { try journal.writeOutcome(.test(key)) }
        return (Array(keys.prefix(ended)), Array(keys.dropFirst(ended)))
    }

    private func recovery() -> Recovery {
        Recovery(
            handOver: HandOver(queue: self.queue, worker: .test, clock: self.clock, logger: .quiet),
            journal: AttemptJournal(storage: self.storage, owner: .test),
            replay: self.storage.replay,
            logger: .quiet
        )
    }

    private func work(dispatcher: Dispatcher?) -> RecoveredWork {
        RecoveredWork(recovery: self.recovery(), dispatcher: dispatcher)
    }
}
