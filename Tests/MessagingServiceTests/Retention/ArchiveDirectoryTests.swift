import Foundation
import MessagingService
import Shared
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct ArchiveDirectoryTests {
    private let orgID = OrgID.new()
    private let ids = [MessageID.new(), MessageID.new()]

    @Test func theSameBatchIsOneFileHoweverOftenItIsWritten() async throws {
        try await withArchive { archive, url in
            for _ in 0..<3 { try await archive.write(self.messages("a"), of: self.orgID, on: "2026-11-21") }
            #expect(try files(in: url) == ["\(self.orgID)/2026-11-21/\(self.ids[0])-\(self.ids[1]).jsonl.gz"])
        }
    }

    @Test func anotherContentTakesNoFilesPlace() async throws {
        try await withArchive { archive, url in
            for text in ["a", "b", "b", "a"] {
                try await archive.write(self.messages(text), of: self.orgID, on: "2026-11-21")
            }
            let files = try files(in: url)
            #expect(files.map { $0.split(separator: ".", maxSplits: 1).last } == ["2.jsonl.gz", "jsonl.gz"])
            #expect(try lines(of: url.appending(path: files[0])) == [["text": "b"], ["text": "b"]])
            #expect(try lines(of: url.appending(path: files[1])) == [["text": "a"], ["text": "a"]])
        }
    }

    @Test func aFailureSaysWhere() async throws {
        try await withArchive { _, url in
            let missing = url.appending(path: "missing").path()
            let archive = try ArchiveDirectory(path: missing)
            let failure = await #expect(throws: ArchiveFailure.self) {
                try await archive.write(self.messages("a"), of: self.orgID, on: "2026-11-21")
            }
            #expect(failure?.path.hasPrefix(missing) == true)
            #expect(failure?.code == ENOENT)
        }
    }

    @Test func theSettingIsAnAbsolutePathOrNothing() async throws {
        #expect(try await ArchiveDirectory(reader: .test([:])) == nil)
        #expect(try await ArchiveDirectory(reader: .test(["archive.dir": ""])) == nil)
        #expect(try await ArchiveDirectory(reader: .test(["archive.dir": "/archive"])) != nil)
        await #expect(throws: ConfigFailure.self) {
            _ = try await ArchiveDirectory(reader: .test(["archive.dir": "archive"]))
        }
    }

    @Test(arguments: [0, 1, 100_000, 5_000_000])
    func gzipReadsWhatIsCompressed(count: Int) async throws {
        // Digits without an order, so that they do not compress to next to nothing.
        let digits = (0..<count).map { UInt8(ascii: "0") + UInt8(($0 &* 2_654_435_761) >> 7 & 7) }
        let value = JSONValue.string(String(decoding: digits, as: UTF8.self))
        try await withArchive { _, url in
            let file = url.appending(path: "file.gz")
            try Data(Gzip.compress(value.bytes)).write(to: file)
            #expect(try lines(of: file) == [value])
        }
    }

    private func messages(_ text: String) -> [ArchivedMessage] {
        self.ids.map { ArchivedMessage(id: $0, line: JSONValue.object(["text": .string(text)]).bytes) }
    }
}
