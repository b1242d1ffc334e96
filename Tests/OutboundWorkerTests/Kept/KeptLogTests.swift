import Foundation
import InternalAPI
import Shared
import Synchronization
import Testing

@testable import OutboundWorker

/// What is kept of what left, from life to life.
struct KeptLogTests {
    private let time = TestTime()

    @Test func whatWasKeptIsReadBack() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            let attempts = MessagingAPI.KeptAttempt.End.allCases.map { self.attempt($0) }
            try log.keep(attempts)
            let reading = log.reading(since: nil, withIntactJournal: true)
            #expect(reading.files.flatMap(reading.attempts) == attempts)
            #expect(reading.coversSince == self.time.start)
        }
    }

    @Test func anIntactJournalContinuesTheLifeBefore() throws {
        try self.withFolder { folder in
            try self.life(in: folder).keep([self.attempt()])
            self.time.move(by: .seconds(60))
            let log = try self.life(in: folder, intact: true)
            #expect(log.reading(since: nil, withIntactJournal: true).coversSince == self.time.start)
        }
    }

    /// What was on its way is in none of them.
    @Test func aLostJournalLeavesAGap() throws {
        try self.withFolder { folder in
            try self.life(in: folder).keep([self.attempt()])
            self.time.move(by: .seconds(60))
            let log = try self.life(in: folder, intact: false)
            let reading = log.reading(since: nil, withIntactJournal: true)
            #expect(reading.coversSince == self.time.now)
            #expect(reading.files.flatMap(reading.attempts).count == 1)
        }
    }

    /// A machine that was shut down in order lost nothing.
    @Test func aLifeThatEndedInOrderNeedsNoJournal() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            try log.keep([self.attempt()])
            log.end()
            #expect(log.reading(since: nil, withIntactJournal: false).coversSince == self.time.start)
            self.time.move(by: .seconds(60))
            let next = try self.life(in: folder, intact: false)
            #expect(next.reading(since: nil, withIntactJournal: true).coversSince == self.time.start)
        }
    }

    @Test func beforeThisLifeBeginsALostJournalProvesNothing() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            try log.keep([self.attempt()])
            #expect(log.reading(since: nil, withIntactJournal: false).coversSince == nil)
        }
    }

    @Test func aFileGrowsToItsSizeAndIsFollowedByTheNext() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            let attempts = Array(repeating: self.attempt(), count: 1000)
            var count = 0
            while KeptFile.all(in: folder).count < 2 {
                self.time.move(by: .milliseconds(1))
                try log.keep(attempts)
                count += attempts.count
            }
            let reading = log.reading(since: nil, withIntactJournal: true)
            #expect(reading.coversSince == self.time.start)
            #expect(reading.files.flatMap(reading.attempts).count == count)
        }
    }

    @Test func oldFilesGoAndTheRestIsWhole() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            for _ in 0..<12 {
                self.time.move(by: .seconds(86_401))
                try log.keep([self.attempt()])
            }
            log.prune()
            let files = KeptFile.all(in: folder)
            // Eight days, and the one in which they begin.
            #expect(files.count == 9)
            #expect(log.reading(since: nil, withIntactJournal: true).coversSince == files[0].startedAt)
        }
    }

    @Test func onlyWhatMayBeForgottenIsRead() throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            for _ in 0..<5 {
                self.time.move(by: .seconds(86_401))
                try log.keep([self.attempt()])
            }
            let since = self.time.now - .seconds(10)
            let reading = log.reading(since: since, withIntactJournal: true)
            // The one before it ended within the margin, and has nothing so new.
            #expect(reading.files.count == 2)
            #expect(reading.files.flatMap(reading.attempts).count == 1)
            #expect(try #require(reading.coversSince) <= since)
        }
    }

    @Test(arguments: [20, 60, 100])
    func damageIsAGap(position: Int) throws {
        try self.withFolder { folder in
            let log = try self.life(in: folder)
            try log.keep([self.attempt(), self.attempt()])
            self.time.move(by: .seconds(86_401))
            try log.keep([self.attempt()])
            let file = KeptFile.all(in: folder)[0]
            var bytes = try #require(FileManager.default.contents(atPath: file.path))
            bytes[position] ^= 0xFF
            try bytes.write(to: URL(filePath: file.path))
            #expect(log.reading(since: nil, withIntactJournal: true).coversSince == self.time.now)
        }
    }

    @Test func aRecordThatIsCutOffNeverCounted() throws {
        try self.withFolder { folder in
            try self.life(in: folder).keep([self.attempt(), self.attempt()])
            let file = KeptFile.all(in: folder)[0]
            let bytes = try #require(FileManager.default.contents(atPath: file.path))
            try bytes.dropLast(7).write(to: URL(filePath: file.path))
            let log = try self.life(in: folder, intact: true)
            let reading = log.reading(since: nil, withIntactJournal: true)
            #expect(reading.files.flatMap(reading.attempts).count == 1)
            #expect(reading.coversSince == self.time.start)
        }
    }

    @Test func theFilesOfAnotherWorkerProveNothing() throws {
        try self.withFolder { folder in
            try self.life(in: folder).keep([self.attempt()])
            self.time.move(by: .seconds(1))
            let log = try self.life(in: folder, worker: "other-1", intact: true)
            #expect(log.reading(since: nil, withIntactJournal: true).coversSince == self.time.now)
        }
    }

    /// The journal must not forget what is kept nowhere else.
    @Test func theJournalHoldsOnToWhatCanNotBeKept() throws {
        let kept = FailingLog()
        let journal = AttemptJournal(storage: MemoryJournal(), owner: .test, kept: kept)
        try journal.begin()
        let key = MessagingAPI.AttemptKey.test()
        try journal.writeIntent(key, startedAt: .now)
        try journal.writeOutcome(.test(key))
        #expect(throws: FailingLog.Failure.self) { try journal.writeDone([key]) }
        #expect(journal.outstanding.outcomes.map(\.key) == [key])
        // Nothing is leased while it can not be kept.
        #expect(throws: FailingLog.Failure.self) { try journal.repair() }
        kept.isFull.withLock { $0 = false }
        try journal.repair()
        #expect(journal.outstanding.outcomes.isEmpty)
        #expect(kept.attempts.withLock { $0 }.map(\.key) == [key])
    }

    private func life(in folder: String, worker: String = "test-1", intact: Bool = false) throws -> KeptLog {
        let log = KeptLog(folder: folder, worker: worker, retention: .seconds(8 * 86_400)) { self.time.now }
        try log.begin(afterIntactJournal: intact)
        return log
    }

    private func attempt(_ end: MessagingAPI.KeptAttempt.End = .accepted) -> MessagingAPI.KeptAttempt {
        .init(key: .test(), startedAt: self.time.now, endedAt: self.time.now, end: end)
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}

/// The time of day, as a test wants it.
final class TestTime: Sendable {
    let start = Timestamp(microseconds: 1_795_255_200_000_000)
    private let passed = Mutex(Duration.zero)

    var now: Timestamp { self.start + self.passed.withLock { $0 } }

    func move(by duration: Duration) { self.passed.withLock { $0 += duration } }
}

/// Has no room until it is given some.
private final class FailingLog: KeepsAttempts {
    struct Failure: Error {}

    let isFull = Mutex(true)
    let attempts = Mutex<[MessagingAPI.KeptAttempt]>([])

    func begin(afterIntactJournal isIntact: Bool) throws {}

    func keep(_ attempts: [MessagingAPI.KeptAttempt]) throws {
        if self.isFull.withLock({ $0 }) { throw Failure() }
        self.attempts.withLock { $0 += attempts }
    }
}
