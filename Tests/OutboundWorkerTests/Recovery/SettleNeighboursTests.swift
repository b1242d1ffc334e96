import Foundation
import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

/// What becomes of the slots in which nobody starts any more.
@Suite(.timeLimit(.minutes(5))) struct SettleNeighboursTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "slots-\(UUID().uuidString)").path()
    private let queue = TestQueue()
    private let clock = TestClock()

    @Test func whatAnotherWorkerLeftIsToldInItsName() async throws {
        let (ended, begun) = (MessagingAPI.AttemptKey.test(1), MessagingAPI.AttemptKey.test(2))
        try await self.withOwnSlot { own in
            try self.leave(in: 2, ended: [ended], begun: [begun])
            try await self.look(as: own) {
                try await eventually { await self.queue.calls == ["report", "recover"] }
                try await eventually { self.isFree(2) }
            }
            #expect(await self.queue.reported.map(\.key) == [ended])
            let recovery = try #require(await self.queue.recoveries.first)
            #expect(recovery.worker.name == "host-2")
            #expect(recovery.journal == .intact)
            #expect(recovery.uncertain == [begun])
            // Once is enough.
            try await self.look(as: own) { try await self.clock.isWaitedFor() }
            #expect(await self.queue.calls == ["report", "recover"])
        }
    }

    /// What it had leased is not in its journal, and so never left: that is worth telling too.
    @Test func aLifeThatEndedWithoutAWordIsSettled() async throws {
        try await self.withOwnSlot { own in
            let slot = try #require(try WorkerSlot(2, in: self.directory))
            let life = self.life(in: slot, of: "host")
            try life.journal.begin(after: life.recovery.replay)
            slot.release()
            try await self.look(as: own) {
                try await eventually { await self.queue.calls == ["recover"] }
                try await eventually { self.isFree(2) }
            }
            #expect(await self.queue.recoveries.map(\.worker.name) == ["host-2"])
            #expect(await self.queue.recoveries.map(\.journal) == [.intact])
            try await self.look(as: own) { try await self.clock.isWaitedFor() }
            #expect(await self.queue.calls == ["recover"])
        }
    }

    @Test func aSlotThatIsHeldIsLeftAlone() async throws {
        try await self.withOwnSlot { own in
            try self.leave(in: 2, begun: [.test(1)])
            let other = try #require(try WorkerSlot(2, in: self.directory))
            try await self.look(as: own) { try await self.clock.isWaitedFor() }
            #expect(await self.queue.calls.isEmpty)
            withExtendedLifetime(other) {}
        }
    }

    @Test func aSlotThatHasNothingToTellIsLeftAlone() async throws {
        try await self.withOwnSlot { own in
            try self.leave(in: 2)
            // Never used, another host's, and no slot.
            _ = try WorkerSlot(3, in: self.directory)
            try self.leave(in: 4, of: "elsewhere", begun: [.test(1)])
            for name in ["slot-", "slot-07", "slot-x", "lost+found"] {
                try FileManager.default.createDirectory(
                    atPath: "\(self.directory)/\(name)",
                    withIntermediateDirectories: true
                )
            }
            #expect(WorkerSlot.numbers(in: self.directory) == [1, 2, 3, 4])
            try await self.look(as: own) { try await self.clock.isWaitedFor() }
            #expect(await self.queue.calls.isEmpty)
            #expect(await self.queue.heartbeats == 0)
        }
    }

    @Test func aRestoredDatabaseIsToldWhatAnotherWorkerKept() async throws {
        let (before, after) = (UUID(), UUID())
        try await self.withOwnSlot { own in
            try self.leave(in: 2)
            let slot = try #require(try WorkerSlot(2, in: self.directory))
            try WorkerMemory(of: slot, worker: "host-2").write(.init(epoch: before, beats: 7))
            slot.release()
            let standing = MessagingAPI.Standing(epoch: after, beats: 1, isFenced: true, restoredTo: .epoch)
            try own.fence.adopt(standing)
            await self.queue.become(standing)
            try await self.look(as: own) {
                try await eventually {
                    self.clock.advance(by: .seconds(1))
                    return await self.queue.calls == ["replay", "recover"]
                }
            }
            #expect(await self.queue.replays.map(\.worker.name) == ["host-2"])
            #expect(await self.queue.replays.map(\.epoch) == [after])
        }
    }

    @Test func atShutdownWhatIsNotToldIsLeftToTheNextLife() async throws {
        try await self.withOwnSlot { own in
            let begun = MessagingAPI.AttemptKey.test(1)
            try self.leave(in: 2, begun: [begun])
            await self.queue.failNext(recoveries: .max)
            try await self.look(as: own) { try await self.clock.isWaitedFor() }
            #expect(await self.queue.calls.isEmpty)
            let slot = try #require(try WorkerSlot(2, in: self.directory))
            #expect(AttemptJournal.inFolder(of: slot, worker: "host-2").replay.uncertain == [begun])
        }
    }

    /// Runs the service until its first look is over and `body` has ended.
    private func look(as own: WorkerLife, _ body: @Sendable () async throws -> Void) async throws {
        let neighbours = SettleNeighbours(
            directory: self.directory,
            host: "host",
            keeping: .seconds(86_400),
            own: own,
            queue: self.queue,
            clock: self.clock,
            logger: .quiet
        )
        try await withServices([neighbours]) {
            try await eventually { self.clock.sleeps == [SettleNeighbours.interval] }
            self.clock.advance(by: SettleNeighbours.interval)
            try await body()
        }
    }

    private func withOwnSlot(_ body: (WorkerLife) async throws -> Void) async throws {
        defer { try? FileManager.default.removeItem(atPath: self.directory) }
        let life = self.life(in: try WorkerSlot(in: self.directory), of: "host")
        #expect(life.slot.number == 1)
        try await body(life)
        life.end()
    }

    private func life(in slot: WorkerSlot, of host: String) -> WorkerLife {
        WorkerLife(
            in: slot,
            as: .init(name: MessagingAPI.WorkerIdentity.name(host: host, slot: slot), incarnation: 1),
            keeping: .seconds(86_400),
            queue: self.queue,
            clock: self.clock,
            logger: .quiet
        )
    }

    /// Plays a worker that died.
    private func leave(
        in number: Int,
        of host: String = "host",
        ended: [MessagingAPI.AttemptKey] = [],
        begun: [MessagingAPI.AttemptKey] = []
    ) throws {
        let slot = try #require(try WorkerSlot(number, in: self.directory))
        let journal = self.life(in: slot, of: host).journal
        try journal.begin()
        for key in ended + begun { try journal.writeIntent(key, startedAt: .now) }
        for key in ended { try journal.writeOutcome(.test(key)) }
        slot.release()
    }

    private func isFree(_ number: Int) -> Bool {
        guard let slot = try? WorkerSlot(number, in: self.directory) else { return false }
        slot.release()
        return true
    }
}

extension TestClock {
    /// Waits until somebody sleeps again.
    fileprivate func isWaitedFor() async throws { try await eventually { !self.sleeps.isEmpty } }
}
