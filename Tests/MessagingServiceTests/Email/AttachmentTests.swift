import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The files of an email are stored once, apart from it, and go where it goes.
@Suite(.messaging) struct AttachmentTests {
    private static let invoice = AttachmentFile(
        filename: "Счёт 1.pdf",
        contentType: "application/pdf",
        content: Data([0, 1, 254, 255, 10, 13])
    )
    private static let note = AttachmentFile(filename: "a.txt", contentType: "text/plain", content: Data("x".utf8))

    private static func json(_ files: [AttachmentFile]) -> JSONValue {
        .array(
            files.map { file in
                [
                    "filename": .string(file.filename), "content_type": .string(file.contentType),
                    "content": .string(file.content.base64EncodedString()),
                ]
            }
        )
    }

    private static func letter(_ files: [AttachmentFile], _ fields: JSONObject = [:]) -> JSONValue {
        var letter: JSONObject = [
            "to": "ann@example.com", "channel": "email", "subject": "Hi", "body": "x", "attachments": Self.json(files),
        ]
        for field in fields.members { letter[field.name] = field.value }
        return .object(letter)
    }

    private static func fixture(_ files: [AttachmentFile]) async throws -> (MessagingFixture, MessageID) {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        return (fixture, try await fixture.send(Self.letter(files).text))
    }

    private static func stored(_ id: MessageID, _ fixture: MessagingFixture) async throws -> [AttachmentFile] {
        try await fixture.rows(MailFileStore.files(of: fixture.key(id))).map { try MailFileStore.file(in: $0) }
    }

    @Test func theyAreStoredApartAndListedWithTheMessage() async throws {
        let (fixture, id) = try await Self.fixture([Self.invoice, Self.note])
        #expect(try await Self.stored(id, fixture) == [Self.invoice, Self.note])
        let content = try await fixture.row("SELECT content::text FROM messages WHERE id = \(id)")
        #expect(
            try JSONValue(parsing: try content.get("content", as: String.self))["attachments"] == [
                ["filename": "Счёт 1.pdf", "content_type": "application/pdf", "size": 6],
                ["filename": "a.txt", "content_type": "text/plain", "size": 1],
            ]
        )
        let lease = try #require(try await fixture.offerAndLease().first)
        #expect(lease.content.attachments == [Self.invoice.listing, Self.note.listing])
    }

    @Test func anEditKeepsReplacesOrRemovesThem() async throws {
        let (fixture, id) = try await Self.fixture([Self.invoice])
        try await fixture.edit(id, ["subject": "Ho"])
        #expect(try await Self.stored(id, fixture) == [Self.invoice])
        try await fixture.edit(id, ["attachments": Self.json([Self.note, Self.invoice])])
        #expect(try await Self.stored(id, fixture) == [Self.note, Self.invoice])
        for nothing in [JSONValue.null, []] {
            try await fixture.edit(id, ["attachments": Self.json([Self.note])])
            try await fixture.edit(id, ["attachments": nothing])
            #expect(try await Self.stored(id, fixture).isEmpty)
        }
        let lease = try #require(try await fixture.offerAndLease().first)
        #expect(lease.content.attachments == nil && lease.content.subject == "Ho")
    }

    @Test func theyGoWithTheirMessage() async throws {
        let (fixture, id) = try await Self.fixture([Self.invoice])
        let other = try await fixture.send(Self.letter([Self.note]).text)
        #expect(try await fixture.act(.delete, on: id) == .changed(.queued))
        #expect(try await Self.stored(id, fixture).isEmpty)
        #expect(try await Self.stored(other, fixture) == [Self.note])
    }

    @Test func nobodyElseHasThem() async throws {
        let (fixture, id) = try await Self.fixture([Self.invoice])
        let rows = try await fixture.rows("SELECT 1 AS one FROM message_attachments", as: .new())
        #expect(rows.isEmpty)
        let foreign = MessageKey(orgID: .new(), id: id)
        let found = try await fixture.rows(MailFileStore.files(of: foreign), as: foreign.orgID)
        #expect(found.isEmpty)
    }

    @Test func theyStandBesideATemplate() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        try await fixture.template(#"{"channel":"email","subject":"Hi","body":"Hello {{name}}"}"#)
        let message: JSONValue = [
            "to": "ann@example.com", "channel": "email", "template": ["code": "t", "parameters": ["name": "Ann"]],
            "attachments": Self.json([Self.note]),
        ]
        let id = try await fixture.send(message.text)
        #expect(try await Self.stored(id, fixture) == [Self.note])
        try await fixture.edit(id, ["reference": "r"])
        let lease = try #require(try await fixture.offerAndLease().first)
        #expect(lease.content.body == "Hello Ann")
        #expect(lease.content.attachments == [Self.note.listing])
    }

    @Test func aWorkerAndATenantGetTheirBytes() async throws {
        let (fixture, id) = try await Self.fixture([Self.invoice, Self.note])
        try await RunningService.run { service in
            let attempt = MessagingAPI.AttemptKey(
                orgID: fixture.orgID,
                reference: AttemptReference(messageID: id, number: 1)
            )
            let body = String(decoding: try JSONEncoder().encode(attempt), as: UTF8.self)
            let answer = try await service.call(.POST, "/internal/attachments", for: nil, body: body)
            #expect(answer.status == 200)
            #expect(answer.body["files"]?[0]?["content"]?.string == Self.invoice.content.base64EncodedString())
            let path = "/internal/messages/\(id)/attachments"
            let file = try await service.fetch("\(path)/0", for: fixture.orgID)
            #expect(file.status == 200 && file.bytes == Array(Self.invoice.content))
            #expect(file.headers.first(name: "content-type") == "application/pdf")
            let beyond = ["2", "-1", "32768", "2147483648", "9223372036854775808"].map { ($0, fixture.orgID) }
            for (place, orgID) in beyond + [("0", OrgID.new())] {
                let none = try await service.fetch("\(path)/\(place)", for: orgID)
                #expect(none.status == 404)
            }
        }
    }

    /// One byte more than a request may have, in a field that is no attachment.
    @Test func whatIsNoAttachmentHasTheUsualLimit() async throws {
        try await RunningService.run { service in
            let files = Self.json([Self.note]).text
            let large = String(repeating: "x", count: Limits.bodyBytes)
            for body in [#"{"body":"\#(large)"}"#, #"{"body":"\#(large)","attachments":\#(files)}"#] {
                let answer = try await service.call(.POST, "/internal/messages", for: .new(), body: body)
                #expect(answer.status == 413 && answer.code == "body-too-large")
            }
        }
    }

    @Test(
        arguments: [
            ([], [String]()), (Array(repeating: Self.note, count: 20), []),
            (Array(repeating: Self.note, count: 21), ["/attachments"]),
            ([Self.file(bytes: 10_485_760)], []), ([Self.file(bytes: 10_485_761)], ["/attachments"]),
            ([Self.file(bytes: 6_000_000), Self.file(bytes: 6_000_000)], ["/attachments"]),
            ([Self.file(name: "a\r\nb")], ["/attachments/0/filename"]),
            ([Self.note, Self.file(name: "../a")], ["/attachments/1/filename"]),
            ([Self.file(type: "text/plain; charset=x")], ["/attachments/0/content_type"]),
            ([Self.file(type: "message/rfc822")], ["/attachments/0/content_type"]),
            ([Self.file(bytes: 0)], ["/attachments/0/content"]),
        ] as [([AttachmentFile], [String])]
    )
    func eachLimitIsSaid(files: [AttachmentFile], pointers: [String]) {
        #expect(Self.faults(Self.letter(files)) == pointers)
    }

    @Test(arguments: ["a", "====", "ab c", "äöü=", "AAA", "-_-_"]) func whatIsNoBase64IsRefused(content: String) {
        let files: JSONValue = [["filename": "a", "content_type": "a/b", "content": .string(content)]]
        #expect(Self.faults(Self.letter([], ["attachments": files])) == ["/attachments/0/content"])
    }

    @Test func onlyEmailsHaveThem() {
        let sms: JSONObject = ["to": "+14155550100", "channel": "sms", "subject": .null]
        #expect(Self.faults(Self.letter([Self.note], sms)) == ["/attachments"])
    }

    private static func file(name: String = "a", type: String = "a/b", bytes: Int = 1) -> AttachmentFile {
        AttachmentFile(filename: name, contentType: type, content: Data(repeating: 65, count: bytes))
    }

    private static func faults(_ message: JSONValue) -> [String] {
        var fields = JSONFields(message, at: "")
        _ = NewMessage(&fields, now: .now, region: nil)
        do throws(Problem) {
            try fields.finish()
            return []
        } catch {
            return error.violations.map(\.pointer)
        }
    }
}
