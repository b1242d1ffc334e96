import InternalAPI
import Shared
import Testing

@testable import OutboundWorker

struct AttemptJournalTests {
    private let storage = MemoryJournal()

    private func journal(compactionBytes: Int = AttemptJournal.compactionBytes) throws -> AttemptJournal {
        let journal = AttemptJournal(storage: self.storage, owner: .test, compactionBytes: compactionBytes)
        try journal.begin()
        return journal
    }

    @Test func whatIsWrittenIsWhatTheNextLifeFinds() throws {
        let journal = try self.journal()
        let keys = (1...3).map { MessagingAPI.AttemptKey.test($0) }
        for key in keys { try journal.writeIntent(key, startedAt: .now) }
        try journal.writeOutcome(.test(keys[1]))
        try journal.writeOutcome(.test(keys[2]))
        try journal.writeDone([keys[2]])
        #expect(self.storage.replay.condition == .intact)
        #expect(self.storage.replay.uncertain == [keys[0]])
        #expect(self.storage.replay.outcomes == [.test(keys[1])])
        #expect(journal.outstanding.uncertain == [keys[0]])
        #expect(journal.outstanding.outcomes == [.test(keys[1])])
    }

    @Test func nothingIsWrittenBeforeTheOldJournalIsSettled() throws {
        try self.storage.append([1, 2, 3])
        let journal = AttemptJournal(storage: self.storage, owner: .test)
        #expect(throws: AttemptJournal.Failure.notBegun) { try journal.writeIntent(.test(), startedAt: .now) }
        #expect(throws: AttemptJournal.Failure.notBegun) { try journal.writeOutcome(.test(.test())) }
        #expect(throws: AttemptJournal.Failure.notBegun) { try journal.repair() }
        #expect(self.storage.bytes == [1, 2, 3])
        try journal.begin()
        #expect(self.storage.replay.condition == .intact)
    }

    @Test func aBeginningThatCanNotBeWrittenLeavesTheOldJournal() throws {
        try self.storage.append([1, 2, 3])
        self.storage.limit(to: 3)
        let journal = AttemptJournal(storage: self.storage, owner: .test)
        #expect(throws: MemoryJournal.Full.self) { try journal.begin() }
        #expect(self.storage.bytes == [1, 2, 3])
        #expect(throws: AttemptJournal.Failure.notBegun) { try journal.writeIntent(.test(), startedAt: .now) }
    }

    @Test func tidyingLeavesWhatIsOutstandingAndNothingElse() throws {
        let journal = try self.journal()
        let keys = (1...2).map { MessagingAPI.AttemptKey.test($0) }
        for key in keys {
            try journal.writeIntent(key, startedAt: .now)
            try journal.writeOutcome(.test(key))
        }
        let untidy = self.storage.bytes
        try journal.tidy()
        #expect(self.storage.bytes == untidy, "nothing is done yet")
        try journal.writeDone([keys[0]])
        try journal.tidy()
        #expect(self.storage.replay.outcomes == [.test(keys[1])])
        #expect(self.storage.bytes.count < untidy.count)
        try journal.writeDone([keys[1]])
        self.storage.limit(to: 0)
        #expect(throws: MemoryJournal.Full.self) { try journal.tidy() }
    }

    @Test func compactionKeepsExactlyWhatIsOutstanding() throws {
        let journal = try self.journal(compactionBytes: 4000)
        var (begun, ended): ([MessagingAPI.AttemptKey], [MessagingAPI.AttemptKey]) = ([], [])
        for number in 1...200 {
            let key = MessagingAPI.AttemptKey.test(number)
            try journal.writeIntent(key, startedAt: .now)
            if number % 50 == 0 {
                begun.append(key)
                continue
            }
            try journal.writeOutcome(.test(key))
            if number % 50 == 1 { ended.append(key) } else { try journal.writeDone([key]) }
            #expect(self.storage.bytes.count < 8000)
        }
        #expect(self.storage.replacements > 5)
        #expect(self.storage.replay.condition == .intact)
        #expect(self.storage.replay.uncertain == begun)
        #expect(self.storage.replay.outcomes == ended.map { .test($0) })
    }

    @Test func muchThatIsOutstandingIsNotRewrittenForEachRecord() throws {
        let journal = try self.journal(compactionBytes: 1000)
        let keys = (1...500).map { MessagingAPI.AttemptKey.test($0) }
        for key in keys { try journal.writeIntent(key, startedAt: .now) }
        #expect(self.storage.replacements < 12)
        #expect(self.storage.replay.uncertain == keys)
    }

    @Test func aJournalThatCanNotBeCompactedGrowsOn() throws {
        let journal = try self.journal(compactionBytes: 100)
        self.storage.refuseReplacements()
        let keys = (1...20).map { MessagingAPI.AttemptKey.test($0) }
        for key in keys { try journal.writeIntent(key, startedAt: .now) }
        #expect(self.storage.replacements == 1)
        #expect(self.storage.replay.uncertain == keys)
    }

    @Test func aRecordThatIsCutOffIsWrittenAnew() throws {
        let journal = try self.journal()
        let told = MessagingAPI.AttemptKey.test(1)
        try journal.writeIntent(told, startedAt: .now)
        try journal.writeOutcome(.test(told))
        try journal.writeDone([told])
        // Room for a part of the next record; without what is told there is room for it all.
        self.storage.limit(to: self.storage.bytes.count + 20)
        let next = MessagingAPI.AttemptKey.test(2)
        try journal.writeIntent(next, startedAt: .now)
        #expect(self.storage.replay.condition == .intact)
        #expect(self.storage.replay.uncertain == [next])
    }

    @Test func anIntentThatCanNotBeWrittenIsNotOutstanding() throws {
        let journal = try self.journal()
        let before = self.storage.bytes
        self.storage.limit(to: before.count + 30)
        #expect(throws: MemoryJournal.Full.self) { try journal.writeIntent(.test(), startedAt: .now) }
        #expect(journal.outstanding.uncertain.isEmpty)
        // A part of it is there, and means nothing.
        #expect(self.storage.bytes.count == before.count + 30)
        #expect(self.storage.replay.condition == .intact)
        #expect(self.storage.replay.uncertain.isEmpty)
        try journal.repair()
        #expect(self.storage.bytes == before)
    }

    @Test func anOutcomeThatCouldNotBeWrittenIsWrittenLater() throws {
        let journal = try self.journal()
        let key = MessagingAPI.AttemptKey.test()
        try journal.writeIntent(key, startedAt: .now)
        self.storage.limit(to: self.storage.bytes.count)
        #expect(throws: MemoryJournal.Full.self) { try journal.writeOutcome(.test(key)) }
        #expect(self.storage.replay.uncertain == [key])
        #expect(throws: MemoryJournal.Full.self) { try journal.repair() }
        self.storage.limit(to: .max)
        try journal.repair()
        #expect(self.storage.replay.outcomes == [.test(key)])
        let replacements = self.storage.replacements
        try journal.repair()
        #expect(self.storage.replacements == replacements)
    }

    @Test func theLastThousandRefusedOutcomesAreKept() throws {
        let journal = try self.journal()
        let keys = (1...1002).map { MessagingAPI.AttemptKey.test($0) }
        for key in keys {
            try journal.writeOutcome(.test(key))
            try journal.keepRefused([key])
        }
        #expect(self.storage.replay.outcomes.map(\.key) == Array(keys.dropFirst(2)))
    }

    /// The process may die within any write: what the next life finds is what was written before, or with it.
    @Test func aDeathWithinAnyWriteLosesThatRecordAtMost() throws {
        let keys = (1...3).map { MessagingAPI.AttemptKey.test($0) }
        let journal = try self.journal()
        var before = self.storage.bytes
        let steps: [() throws -> Void] = keys.flatMap { key -> [() throws -> Void] in
            [
                { try journal.writeIntent(key, startedAt: .now) }, { try journal.writeOutcome(.test(key)) },
                { try journal.writeDone([key]) },
            ]
        }
        for step in steps {
            try step()
            let after = self.storage.bytes
            let (old, new) = (JournalReplay(of: before, owner: .test), JournalReplay(of: after, owner: .test))
            for length in before.count...after.count {
                let replay = JournalReplay(of: Array(after.prefix(length)), owner: .test)
                #expect(replay == (length == after.count ? new : old))
            }
            before = after
        }
    }
}
