import Foundation
import Shared
import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct ErasureTests {
    private static func erasure(_ status: String, done: Int, error: String? = nil) -> FakeAnswer {
        let services = (0..<4).map { #"{"service":"s\#($0)","status":"\#($0 < done ? "done" : "running")"}"# }
        return FakeAnswer(
            status: 202,
            body: #"{"id":"e1","org_id":"o1","status":"\#(status)","services":[\#(services.joined(separator: ","))],"#
                + #""last_error":\#(error.map { "\"\($0)\"" } ?? "null")}"#
        )
    }

    @Test func `An erasure is followed to its end`() async throws {
        let api = try FakeAPI(answers: [
            Self.erasure("running", done: 0), Self.erasure("running", done: 2, error: "messaging-service: unavailable"),
            Self.erasure("running", done: 2, error: "messaging-service: unavailable"), Self.erasure("done", done: 4),
        ])
        let ran = await herald(["customers", "erase", "c/1", "--yes"], at: api)
        #expect(ran.code == 0)
        #expect(
            api.requests.map { "\($0.method) \($0.target)" }
                == ["POST /api/v1/customers/c%2F1/erase"]
                + [String](repeating: "GET /api/v1/erasures/e1", count: 3)
        )
        #expect(
            ran.errors == """
                herald: erase: 0 of 4 services
                herald: erase: 2 of 4 services (messaging-service: unavailable)

                """
        )
        #expect(ran.output == Self.erasure("done", done: 4).body + "\n")
    }

    @Test(arguments: [["customers", "erase", "c1", "--no-wait"], ["customers", "delete", "c1"]])
    func `Nobody is gone by mistake`(arguments: [String]) async throws {
        let api = try FakeAPI(answers: [Self.erasure("running", done: 0)])
        #expect(await herald(arguments, at: api).code == 2)
        #expect(await herald(arguments, at: api, device: .terminal, answer: "n").code == 1)
        #expect(api.requests.isEmpty)
        #expect(await herald(arguments, at: api, device: .terminal, answer: "y").code == 0)
        #expect(api.requests.count == 1)
    }

    /// What the document ends with, and how the command ends.
    @Test(arguments: [(#","complete":true}"#, Int32(0)), ("]}", 1), ("", 1)])
    func `An export that is not whole is no success`(end: String, code: Int32) async throws {
        let body = #"{"customer":{"name":"Grüße 😀"}"# + end
        let api = try FakeAPI { _ in FakeAnswer(body: body) }
        let ran = await herald(["customers", "export", "c/1"], at: api)
        #expect(ran.code == code)
        #expect(ran.output == body + "\n")
        #expect(api.requests.map(\.target) == ["/api/v1/customers/c%2F1/export"])
        let file = FileManager.default.temporaryDirectory.appending(path: "export-\(UUID()).json").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        #expect(await herald(["customers", "export", "c1", "--to", file], at: api).code == code)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == body)
        // It is there: nothing is written over it.
        #expect(await herald(["customers", "export", "c1", "--to", file], at: api).code == 2)
    }

    @Test(arguments: [("", 0), ("a", 0), ("é", 0), ("😀", 0)])
    func `A character that is cut is not printed yet`(text: String, rest: Int) {
        let bytes = Array("x\(text)".utf8)
        #expect(ExportCustomer.cutCharacter(bytes) == rest)
        for count in 1..<max(text.utf8.count, 1) {
            #expect(ExportCustomer.cutCharacter(bytes.dropLast(text.utf8.count - count)) == count)
        }
    }

    @Test func `A refused export is told`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: 404, body: #"{"title":"There is none.","code":"not-found"}"#) }
        let ran = await herald(["customers", "export", "c1"], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("not-found"))
        #expect(ran.output.isEmpty)
    }

    @Test func `The erasures of all organizations make one file`() async throws {
        let api = try FakeAPI { request in
            let body =
                switch (request.target, request.headers["x-org-id"]) {
                case ("/api/v1/orgs?limit=200", _): #"{"data":[{"id":"o1"},{"id":"o2"}],"next_cursor":null}"#
                case ("/api/v1/erasures?limit=200", "o1"?): #"{"data":[{"id":"e1"}],"next_cursor":"n"}"#
                case ("/api/v1/erasures?limit=200&cursor=n", "o1"?): #"{"data":[{"id":"e2"}],"next_cursor":null}"#
                default: #"{"data":[{"id":"e3"}],"next_cursor":null}"#
                }
            return FakeAnswer(body: body)
        }
        let ran = await herald(["customers", "erasures", "--every-org", "--json"], at: api)
        #expect(ran.code == 0)
        #expect(ran.output == #"{"data":[{"id":"e1"},{"id":"e2"},{"id":"e3"}],"next_cursor":null}"# + "\n")
    }

    @Test func `A file is given back a hundred at a time, to each organization its own`() async throws {
        let erasures = (0..<101).map { #"{"id":"e\#($0)","org_id":"o1"}"# } + [#"{"id":"f","org_id":"o2"}"#]
        let file = #"{"data":[\#(erasures.joined(separator: ","))],"next_cursor":null}"#
        let api = try FakeAPI { request in
            guard request.method == "POST" else { return FakeAnswer(body: #"{"data":[],"next_cursor":null}"#) }
            let count = (try? JSONValue(parsing: Array(request.body.utf8)))?["erasures"]?.array?.count ?? 0
            return FakeAnswer(status: 202, body: #"{"reapplied":\#(count)}"#)
        }
        let ran = await herald(["customers", "reapply-erasures", "--file", "-"], at: api, input: file)
        #expect(ran.code == 0, "\(ran.errors)")
        let posts = api.requests.filter { $0.method == "POST" }
        #expect(
            posts.map(\.target) == [
                "/api/v1/orgs/o1/erasures/reapply", "/api/v1/orgs/o1/erasures/reapply",
                "/api/v1/orgs/o2/erasures/reapply",
            ]
        )
        #expect(posts.allSatisfy { $0.headers["authorization"] == "Bearer operator-key" })
        #expect(ran.output == "102 erasures reapplied.\n")
    }

    @Test(arguments: ["", "{}", #"{"data":[{"id":"e"}]}"#])
    func `What is no list of erasures is refused`(file: String) async throws {
        let api = try FakeAPI(answers: [nil])
        #expect(await herald(["customers", "reapply-erasures", "--file", "-"], at: api, input: file).code == 2)
        #expect(api.requests.isEmpty)
    }

    @Test func `Without a file the gateway's own record counts, and the rest is waited for`() async throws {
        let api = try FakeAPI(answers: [
            FakeAnswer(body: #"{"data":[{"id":"o1"}],"next_cursor":null}"#),
            FakeAnswer(status: 202, body: #"{"reapplied":1}"#),
            FakeAnswer(body: #"{"data":[{"id":"e1","last_error":null}],"next_cursor":null}"#),
            FakeAnswer(body: #"{"data":[],"next_cursor":null}"#),
        ])
        let ran = await herald(["customers", "reapply-erasures"], at: api)
        #expect(ran.code == 0, "\(ran.errors)")
        #expect(api.requests[1].body == "{}")
        #expect(api.requests[2].target == "/api/v1/erasures?status=running&limit=200")
        #expect(ran.errors.contains("o1: 1 still going on"))
    }
}
