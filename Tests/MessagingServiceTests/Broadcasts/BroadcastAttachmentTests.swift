import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The files of a broadcast are stored once, and go with each of its messages.
@Suite(.messaging, .timeLimit(.minutes(5))) struct BroadcastAttachmentTests {
    private static let flyer = AttachmentFile(
        filename: "Весна.pdf",
        contentType: "application/pdf",
        content: Data([0, 1, 254, 255])
    )
    private static let terms = AttachmentFile(filename: "a.txt", contentType: "text/plain", content: Data("x".utf8))

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

    private static func broadcast(_ files: [AttachmentFile], _ fields: JSONObject = [:]) -> String {
        var broadcast: JSONObject = [
            "channel": "email", "subject": "Sale", "body": "See the file.", "attachments": Self.json(files),
            "recipients": [["to": "ann@example.com"], ["to": "bob@example.com"]],
        ]
        for field in fields.members { broadcast[field.name] = field.value }
        return JSONValue.object(broadcast).text
    }

    /// The messages of a broadcast with two files, in the order of their addresses.
    private static func made(_ fields: JSONObject = [:]) async throws -> (BroadcastFixture, [MessageID]) {
        let fixture = try BroadcastFixture()
        try await fixture.messaging.account(.smtp)
        try await fixture.broadcast(Self.broadcast([Self.flyer, Self.terms], fields))
        try await fixture.work()
        let rows = try await fixture.messaging.rows("SELECT id FROM messages ORDER BY recipient")
        return (fixture, try rows.map { try $0.get("id") })
    }

    private static func files(of id: MessageID, _ fixture: BroadcastFixture) async throws -> [AttachmentFile] {
        let messaging = fixture.messaging
        return try await messaging.rows(MailFileStore.files(of: messaging.key(id))).map {
            try MailFileStore.file(in: $0)
        }
    }

    @Test(
        arguments: [
            [:], ["body": "Hi {{name}}", "recipients": [["to": "ann@example.com", "parameters": ["name": "Ann"]]]],
        ] as [JSONObject]
    )
    func eachMessageHasThemAndTheyAreStoredOnce(fields: JSONObject) async throws {
        let (fixture, ids) = try await Self.made(fields)
        #expect(!ids.isEmpty)
        let leases = try await fixture.messaging.leaseNow()
        #expect(!leases.isEmpty)
        for lease in leases { #expect(lease.content.attachments == [Self.flyer.listing, Self.terms.listing]) }
        for id in ids { #expect(try await Self.files(of: id, fixture) == [Self.flyer, Self.terms]) }
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM message_attachments") == 0)
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM broadcast_attachments") == 2)
        let shown = try await fixture.messaging.shown(ids[0])
        #expect(shown?["attachments"]?[0]?["filename"] == "Весна.pdf")
        #expect(shown?["attachments"]?[1]?["size"] == 1)
    }

    @Test func anEditOfOneMessageLeavesTheOthers() async throws {
        let (fixture, ids) = try await Self.made()
        try await fixture.messaging.edit(ids[0], ["subject": "Last days"])
        #expect(try await Self.files(of: ids[0], fixture) == [Self.flyer, Self.terms])
        try await fixture.messaging.edit(ids[0], ["attachments": Self.json([Self.terms])])
        #expect(try await Self.files(of: ids[0], fixture) == [Self.terms])
        try await fixture.messaging.edit(ids[0], ["attachments": []])
        #expect(try await Self.files(of: ids[0], fixture).isEmpty)
        #expect(try await Self.files(of: ids[1], fixture) == [Self.flyer, Self.terms])
    }

    @Test func theyGoWithTheBroadcastAndNotWithAMessage() async throws {
        let (fixture, ids) = try await Self.made()
        try await fixture.messaging.act(.delete, on: ids[0])
        #expect(try await Self.files(of: ids[0], fixture).isEmpty)
        #expect(try await Self.files(of: ids[1], fixture) == [Self.flyer, Self.terms])
        let foreign = MessageKey(orgID: .new(), id: ids[1])
        #expect(try await fixture.messaging.rows(MailFileStore.files(of: foreign), as: foreign.orgID).isEmpty)
        // What was erased has no files, although those of the others stay.
        try await fixture.messaging.rows("UPDATE messages SET content = '{}' WHERE id = \(ids[1])")
        #expect(try await Self.files(of: ids[1], fixture).isEmpty)
    }

    @Test func tenMegabytesAreTheMost() async throws {
        let fixture = try BroadcastFixture()
        try await fixture.messaging.account(.smtp)
        let half = AttachmentFile(filename: "a", contentType: "a/b", content: Data(repeating: 65, count: 5_242_880))
        try await fixture.broadcast(Self.broadcast([half, half]))
        for (files, fields, pointer) in [
            ([half, half, Self.terms], [:], "/attachments"),
            (
                [Self.terms], ["channel": "sandbox", "subject": .null, "attachments": [["filename": "a"]]],
                "/attachments/0/content_type"
            ),
            ([Self.terms], ["channel": "sms", "subject": .null], "/attachments"),
        ] as [([AttachmentFile], JSONObject, String)] {
            let refusal = await #expect(throws: Problem.self) {
                try await fixture.broadcast(Self.broadcast(files, fields))
            }
            #expect(refusal?.status == 422)
            #expect(refusal?.violations.map(\.pointer).contains(pointer) == true)
        }
    }

    @Test func aDryRunListsThemAndStoresNothing() async throws {
        let fixture = try BroadcastFixture()
        try await fixture.messaging.account(.smtp)
        let body = try BroadcastFixture.bytes(of: Self.broadcast([Self.flyer]))
        let answer = try await fixture.dryRun(body, for: fixture.messaging.acting, requestID: "r")
        #expect(answer["sample"]?[0]?["attachments"]?[0]?["filename"] == "Весна.pdf")
        #expect(try await fixture.messaging.count("SELECT count(*) AS count FROM broadcast_attachments") == 0)
    }
}
