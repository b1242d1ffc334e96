import Foundation
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.messaging, .timeLimit(.minutes(5))) struct ArchiveTests {
    @Test func whatLeavesStandsInTheArchive() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30, .archive)
        let old = try await fixture.add(2, age: 31)
        try await fixture.addHistory(to: [old[1]])
        try await withArchive { archive, url in
            let counts = try await fixture.sweep(archive: archive)()
            #expect(counts == [fixture.orgID: RetentionCount(removed: 2)])
            #expect(try await fixture.left().isEmpty)

            let files = try files(in: url)
            try #require(files.count == 1)
            let parts = files[0].split(separator: "/").map(String.init)
            #expect(parts.first == "\(fixture.orgID)")
            #expect(parts.last == "\(old[0])-\(old[1]).jsonl.gz")
            #expect(Timestamp("\(parts[1])T00:00:00Z") != nil)

            let messages = try lines(of: url.appending(path: files[0]))
            #expect(messages.map { $0["id"]?.string } == old.map { "\($0)" })
            #expect(messages[0]["body"] == "Grüße")
            #expect(messages[0]["status"] == "delivered")
            #expect(messages[0]["attempts"] == [])
            #expect(messages[0]["provider_reports"] == [])
            let attempt = try #require(messages[1]["attempts"]?[0])
            #expect(attempt["provider_message_id"] == .string("provider-\(old[1])"))
            let report = try #require(messages[1]["provider_reports"]?[0])
            #expect(report["event_key"] == .string("\(old[1]):delivered"))
            #expect(report["report"] == ["status": "delivered"])
        }
    }

    @Test func eachBatchIsAFile() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30, .archive)
        let old = try await fixture.add(450, age: 31)
        try await withArchive { archive, url in
            try await fixture.sweep(archive: archive)()
            let counts = try files(in: url).map { try lines(of: url.appending(path: $0)).count }
            #expect(counts == [200, 200, 50])
            #expect(try await fixture.left().isEmpty)
        }
        #expect(old.count == 450)
    }

    @Test func withoutAnArchiveOnlyThoseStayThatWantOne() async throws {
        let fixture = try RetentionFixture()
        let other = OrgID.new()
        try await fixture.limit(30, .archive)
        try await fixture.limit(30, .remove, of: other)
        let old = try await fixture.add(3, age: 31)
        try await fixture.add(3, age: 31, of: other)
        let counts = try await fixture.sweep()()
        #expect(counts == [other: RetentionCount(removed: 3)])
        #expect(try await fixture.left() == old)
    }

    /// A missing directory is a disk that is not mounted: it is not made.
    @Test func whatCanNotBeArchivedStays() async throws {
        let fixture = try RetentionFixture()
        let others = (0..<2).map { _ in OrgID.new() }
        try await fixture.limit(30, .archive)
        try await fixture.limit(30, .archive, of: others[0])
        try await fixture.limit(30, .remove, of: others[1])
        let old = try await fixture.add(3, age: 31)
        for orgID in others { try await fixture.add(3, age: 31, of: orgID) }
        try await withArchive { _, url in
            let missing = url.appending(path: "missing").path()
            let counts = try await fixture.sweep(archive: ArchiveDirectory(path: missing))()
            #expect(counts == [others[1]: RetentionCount(removed: 3)])
            #expect(!FileManager.default.fileExists(atPath: missing))
        }
        #expect(try await fixture.left() == old)
        #expect(try await fixture.left(of: others[0]).count == 3)
    }

    @Test func whatChangedSinceItWasArchivedStays() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30, .archive)
        let old = try await fixture.add(3, age: 31)
        let store = try await fixture.store()
        let archived = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try ArchivedMessage.read(old, of: fixture.orgID, on: connection)
        }
        #expect(archived.map(\.id) == old)
        // A report that changes nothing about the message itself.
        try await fixture.addReport("late", to: old[1])
        let removed = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try store.remove(old, archived: archived, on: connection)
        }
        #expect(removed == 2)
        #expect(try await fixture.left() == [old[1]])
    }

    @Test func twoSweepsAtOnceLoseNothing() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(30, .archive)
        let old = try await fixture.add(1000, age: 31)
        try await withArchive { archive, url in
            async let first = fixture.sweep(archive: archive)()
            async let second = fixture.sweep(archive: archive)()
            _ = try await (first, second)
            #expect(try await fixture.left().isEmpty)
            let ids = try files(in: url).flatMap { file in
                try lines(of: url.appending(path: file)).compactMap { $0["id"]?.string }
            }
            #expect(Set(ids) == Set(old.map { "\($0)" }))
        }
    }
}
