import Foundation
import Shared
import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct AuditTests {
    private static let hash = String(repeating: "0a", count: 32)

    private static func step(
        _ part: String,
        head: Int?,
        next: String?,
        findings: String = ""
    ) -> FakeAnswer {
        let head = head.map { #"{"number":\#($0),"hash":"\#(Self.hash)"}"# } ?? "null"
        let next = next.map { "\"\($0)\"" } ?? "null"
        return FakeAnswer(
            body:
                #"{"part":"\#(part)","is_end":true,"data":[\#(findings)],"seals":2,"lines":7,"redacted":1,"waiting":0,"#
                + #""head":\#(head),"next_cursor":\#(next)}"#
        )
    }

    /// Two steps of one part, one of another that has no seal yet.
    private static let whole = [
        step("organization", head: 2, next: "organization:2"), step("organization", head: 4, next: "customers:0"),
        step("customers", head: nil, next: nil),
    ]

    @Test func `A trail is followed to its end`() async throws {
        let api = try FakeAPI(answers: Self.whole)
        let ran = await herald(["audit", "verify", "--table"], at: api)
        #expect(ran.code == 0)
        #expect(
            api.requests.map(\.target) == [
                "/api/v1/audit-verification", "/api/v1/audit-verification?cursor=organization%3A2",
                "/api/v1/audit-verification?cursor=customers%3A0",
            ]
        )
        #expect(
            ran.output == """
                PART          SEALS  LINES  REDACTED  WAITING  LAST SEAL  FINDINGS
                organization      4     14         2        0  4                 0
                customers         2      7         1        0  -                 0

                The trail is whole.

                """
        )
    }

    @Test func `What is wrong is named, and the process says so`() async throws {
        let finding = #"{"kind":"line-changed","seal":2,"event_id":"e1"}"#
        let api = try FakeAPI(answers: [Self.step("inbox", head: 2, next: nil, findings: finding)])
        let ran = await herald(["audit", "verify"], at: api)
        #expect(ran.code == 1)
        let json = try JSONValue(parsing: Array(ran.output.utf8))
        #expect(json["data"] == [["part": "inbox", "kind": "line-changed", "seal": 2, "event_id": "e1"]])
        #expect(json["parts"]?[0]?["findings"] == 1)
    }

    @Test func `Where the chains end is noted and asked for`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "heads-\(UUID()).json").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let first = try FakeAPI(answers: Self.whole)
        #expect(await herald(["audit", "verify", "--heads", file], at: first).code == 0)
        let noted = #"{"heads":{"organization":"4:\#(Self.hash)"}}"# + "\n"
        #expect(try String(contentsOfFile: file, encoding: .utf8) == noted)
        let broken = Self.step(
            "organization",
            head: 1,
            next: nil,
            findings: #"{"kind":"seal-missing","seal":4,"event_id":null}"#
        )
        let second = try FakeAPI(answers: [broken])
        #expect(await herald(["audit", "verify", "--heads", file], at: second).code == 1)
        #expect(second.requests.map(\.target) == ["/api/v1/audit-verification?known=organization%3A4%3A\(Self.hash)"])
        // What was noted stays, so that the next run finds it too.
        #expect(try String(contentsOfFile: file, encoding: .utf8) == noted)
    }

    @Test(arguments: ["", "x", "{}", #"{"heads":{"messages":7}}"#])
    func `A file of somebody else's is refused unasked`(content: String) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "heads-\(UUID()).json").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(content.utf8).write(to: URL(filePath: file))
        let api = try FakeAPI(answers: Self.whole)
        #expect(await herald(["audit", "verify", "--heads", file], at: api).code == 2)
        #expect(api.requests.isEmpty)
    }

    @Test func `A cursor that does not move ends it`() async throws {
        let api = try FakeAPI { _ in Self.step("inbox", head: 2, next: "inbox:2") }
        #expect(await herald(["audit", "verify"], at: api).code == 1)
        #expect(api.requests.count == 2)
    }
}
