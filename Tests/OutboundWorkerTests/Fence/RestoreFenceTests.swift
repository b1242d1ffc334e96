import Foundation
import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

/// When a worker may send, and what it tells first.
@Suite(.timeLimit(.minutes(5))) struct RestoreFenceTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "fence-\(UUID().uuidString)").path()
    private let queue = TestQueue()
    private let clock = TestClock()
    private let storage = MemoryJournal()
    private let epoch = UUID()

    @Test func aFirstStartTakesTheDatabaseOver() async throws {
        try await self.withWorker { parts in
            await self.queue.become(self.standing(beats: 1))
            try await parts.adopt.first()
            #expect(parts.fence.isOpen)
            #expect(parts.fence.memory == .init(epoch: self.epoch, beats: 1))
            #expect(await self.queue.replays.map(\.attempts.count) == [0])
            #expect(await self.queue.replays.first?.isLast == true)
            // The next life remembers it, and tells nothing.
            let next = try self.parts()
            try await next.adopt.first()
            #expect(next.fence.isOpen)
            #expect(await self.queue.replays.count == 1)
        }
    }

    @Test func aServiceOfTheReleaseBeforeHoldsNobodyUp() async throws {
        try await self.withWorker { parts in
            try await parts.adopt.first()
            #expect(parts.fence.isOpen)
            #expect(await self.queue.replays.isEmpty)
        }
    }

    @Test func aFencedDatabaseIsToldAndNothingLeavesUntilItIsOpen() async throws {
        try await self.withWorker { parts in
            await self.queue.become(self.standing())
            try await parts.adopt.first()
            try parts.journal.begin(after: parts.replay)
            let (done, open) = (MessagingAPI.AttemptKey.test(), MessagingAPI.AttemptKey.test())
            for key in [done, open] { try parts.journal.writeIntent(key, startedAt: .now) }
            try parts.journal.writeOutcome(.test(done))
            try parts.journal.writeDone([done])
            let generation = parts.journal.generation

            let restored = MessagingAPI.Standing(epoch: UUID(), beats: 1, isFenced: true, restoredTo: .epoch)
            await self.queue.become(restored)
            parts.fence.hear(restored)
            #expect(!parts.fence.isOpen)
            #expect(parts.fence.sentence?.contains("restored") == true)
            try await withServices([parts.adopt]) {
                try await eventually { parts.fence.position == .fenced }
            }
            let told = await self.queue.replays.dropFirst().flatMap(\.attempts)
            #expect(told.map(\.key) == [done, open])
            #expect(told.map(\.end) == [.accepted, .uncertain])

            let late = MessagingAPI.AttemptKey.test()
            #expect(throws: AttemptJournal.Failure.forbidden) {
                try parts.journal.writeIntent(late, startedAt: .now, in: generation)
            }
            parts.fence.hear(.init(epoch: restored.epoch, beats: 2, isFenced: false, restoredTo: .epoch))
            #expect(parts.fence.isOpen)
            // What was leased before the restore must not begin after it.
            #expect(throws: AttemptJournal.Failure.forbidden) {
                try parts.journal.writeIntent(late, startedAt: .now, in: generation)
            }
            try parts.journal.writeIntent(late, startedAt: .now, in: parts.journal.generation)
        }
    }

    @Test func whatIsNotTakenIsToldAgain() async throws {
        self.clock.runFreely()
        try await self.withWorker { parts in
            await self.queue.become(self.standing())
            await self.queue.failNext(replays: 3)
            try await parts.adopt.first()
            #expect(parts.fence.isOpen)
            #expect(await self.queue.replays.count == 1)
        }
    }

    /// Before anything is leased, so that nothing is signed with a wrong clock.
    @Test func theFirstAnswerTellsTheTime() async throws {
        try await self.withWorker { parts in
            await self.queue.become(self.standing())
            await self.queue.setClock(ahead: .seconds(3000))
            try await parts.adopt.first()
            #expect(abs((parts.adopt.time.now - .now) / .seconds(1) - 3000) < 60)
        }
    }

    @Test func anotherWorkersMemoryIsNotThisOnes() throws {
        let path = "\(self.folder)-memory"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try WorkerMemory(path: path, worker: "a-1").write(.init(epoch: self.epoch, beats: 7))
        #expect(WorkerMemory(path: path, worker: "a-1").read() == .init(epoch: self.epoch, beats: 7))
        #expect(WorkerMemory(path: path, worker: "b-1").read() == .init(epoch: nil, beats: 0))
        try Data("a-1 no-epoch 7".utf8).write(to: URL(filePath: path))
        #expect(WorkerMemory(path: path, worker: "a-1").read() == .init(epoch: nil, beats: 0))
    }

    private struct Parts {
        let fence: RestoreFence
        let journal: AttemptJournal
        let replay: JournalReplay
        let adopt: AdoptDatabase
    }

    private func standing(beats: Int64 = 1) -> MessagingAPI.Standing {
        .init(epoch: self.epoch, beats: beats, isFenced: false, restoredTo: nil)
    }

    private func parts() throws -> Parts {
        let kept = KeptLog(folder: "\(self.folder)/kept", worker: "test-1", retention: .seconds(86_400))
        let journal = AttemptJournal(storage: self.storage, owner: .test, kept: kept)
        let file = WorkerMemory(path: "\(self.folder)/epoch", worker: "test-1")
        let fence = RestoreFence(file: file, journal: journal, logger: .quiet)
        let replay = self.storage.replay
        return Parts(
            fence: fence,
            journal: journal,
            replay: replay,
            adopt: AdoptDatabase(
                queue: self.queue,
                worker: .test,
                fence: fence,
                journal: journal,
                kept: kept,
                replay: replay,
                clock: self.clock,
                logger: .quiet
            )
        )
    }

    private func withWorker(_ body: (Parts) async throws -> Void) async throws {
        self.clock.runFreely()
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: self.folder) }
        try await body(try self.parts())
    }
}
