import Foundation
import InternalAPI
import Shared
import Testing

@testable import OutboundWorker

struct JournalFileTests {
    @Test func whatWasAppendedIsThereThoughNobodyClosedIt() throws {
        try Self.withFolder { folder in
            let file = JournalFile(path: "\(folder)/journal")
            #expect(file.bytes() == [])
            try file.replace(with: [1, 2])
            try file.append([3])
            try file.append([4, 5])
            #expect(JournalFile(path: "\(folder)/journal").bytes() == [1, 2, 3, 4, 5])
            try file.replace(with: [6])
            try file.append([7])
            #expect(file.bytes() == [6, 7])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["journal"])
        }
    }

    @Test func theFileIsForItsUserAlone() throws {
        try Self.withFolder { folder in
            let file = JournalFile(path: "\(folder)/journal")
            try file.replace(with: [1])
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/journal")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func aReplacementThatFailsChangesNothing() throws {
        try Self.withFolder { folder in
            let file = JournalFile(path: "\(folder)/journal")
            try file.replace(with: [1])
            try FileManager.default.createDirectory(atPath: "\(folder)/journal.new", withIntermediateDirectories: false)
            let failure = #expect(throws: JournalFileFailure.self) { try file.replace(with: [2]) }
            #expect(failure == JournalFileFailure(call: "open", code: EISDIR))
            try file.append([3])
            #expect(file.bytes() == [1, 3])
        }
    }

    @Test func whatADeadProcessWasReplacingIsOverwritten() throws {
        try Self.withFolder { folder in
            try Data([9, 9, 9]).write(to: URL(filePath: "\(folder)/journal.new"))
            let file = JournalFile(path: "\(folder)/journal")
            #expect(file.bytes() == [])
            try file.replace(with: [1])
            #expect(file.bytes() == [1])
        }
    }

    @Test func aFullDiskIsNamed() throws {
        // The kernel's file that has never room; nothing is replaced in its folder.
        let full = unsafe open("/dev/full", O_WRONLY | O_CLOEXEC)
        defer { close(full) }
        let failure = #expect(throws: JournalFileFailure.self) { try JournalFile.write([1], to: full) }
        #expect(failure == JournalFileFailure(call: "write", code: ENOSPC))
        #expect(failure?.description == "write: No space left on device")
    }

    @Test func aFolderThatIsGoneIsAnError() throws {
        let file = JournalFile(path: "/nowhere/journal")
        #expect(file.bytes() == [])
        #expect(throws: JournalFileFailure(call: "open", code: ENOENT)) { try file.replace(with: [1]) }
        #expect(throws: JournalFileFailure(call: "write", code: EBADF)) { try file.append([1]) }
    }

    @Test func theNextLifeOfASlotReadsWhatTheLastOneWrote() throws {
        try Self.withFolder { folder in
            let key = MessagingAPI.AttemptKey.test()
            var slot: WorkerSlot? = try WorkerSlot(in: folder)
            if let slot {
                let (journal, replay) = AttemptJournal.inFolder(of: slot, worker: "host-1")
                #expect(replay.loss == .absent)
                try journal.begin()
                try journal.writeIntent(key, startedAt: .now)
            }
            slot = nil
            let next = try WorkerSlot(in: folder)
            let replay = AttemptJournal.inFolder(of: next, worker: "host-1").replay
            #expect(replay.loss == nil)
            #expect(replay.uncertain == [key])
            #expect(AttemptJournal.inFolder(of: next, worker: "host-1", bootID: "other").replay.loss == .otherBoot)
            #expect(AttemptJournal.inFolder(of: next, worker: "guest-1").replay.loss == .otherWorker)
        }
    }

    @Test func theBootHasAName() {
        #expect(UUID(uuidString: BootID.current()) != nil)
        #expect(BootID.current() == BootID.current())
    }

    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
