import Shared
import Testing

@testable import HeraldCommand

/// Answers a list of `count` numbered resources.
private func numbered(_ count: Int) throws -> FakeAPI {
    try FakeAPI { request in
        let query = request.target.split(separator: "?").last?.split(separator: "&") ?? []
        func number(_ name: String) -> Int {
            query.first { $0.hasPrefix("\(name)=") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
        }
        let start = number("cursor")
        let end = min(start + number("limit"), count)
        let data = (start..<end).map { #"{"id":"m\#($0)","to":"+1"}"# }.joined(separator: ", ")
        return FakeAnswer(body: #"{ "data": [\#(data)], "next_cursor": \#(end < count ? "\"\(end)\"" : "null") }"#)
    }
}

@Suite(.timeLimit(.minutes(5))) struct ListTests {
    @Test func `One page is printed as the API wrote it`() async throws {
        let ran = await herald(["messages", "list"], at: try numbered(2))
        #expect(
            ran.output == #"{ "data": [{"id":"m0","to":"+1"}, {"id":"m1","to":"+1"}], "next_cursor": null }"# + "\n"
        )
    }

    @Test(
        "Pages are followed up to the limit, and make one list",
        arguments: [
            (["--limit", "450"], [200, 200, 50], 450, "450"), (["--limit", "200"], [200], 200, "200"),
            (["--all"], [200, 200, 200], 500, nil), (["--limit", "900"], [200, 200, 200], 500, nil),
            (["--cursor", "480", "--all"], [200], 20, nil),
        ] as [([String], [Int], Int, String?)]
    )
    func pages(options: [String], limits: [Int], count: Int, next: String?) async throws {
        let api = try numbered(500)
        let ran = await herald(["messages", "list"] + options, at: api)
        #expect(ran.code == 0)
        let list = try JSONValue(parsing: ran.output)
        let ids = (list["data"]?.array ?? []).compactMap { $0["id"]?.string }
        #expect(ids.count == count)
        #expect(Set(ids).count == count)
        #expect(list["next_cursor"]?.string == next)
        let asked = api.requests.map { request in
            request.target.split(whereSeparator: { "?&".contains($0) }).first { $0.hasPrefix("limit=") }
        }
        // The last page of --limit 900 asks for no more than the most that a page has.
        #expect(asked.map { $0.map(String.init) } == limits.map { "limit=\($0)" })
    }

    @Test func `A table has one heading over all pages, and says how to go on`() async throws {
        let ran = await herald(["messages", "list", "--limit", "250"], at: try numbered(300), device: .terminal)
        let lines = ran.output.split(separator: "\n")
        #expect(lines.count == 252)
        #expect(lines.filter { $0.hasPrefix("ID ") }.count == 1)
        #expect(lines.last?.contains("--cursor 250") == true)
    }

    @Test func `An empty table says so`() async throws {
        #expect(
            await herald(["messages", "list"], at: try numbered(0), device: .terminal).output == "Nothing there.\n"
        )
    }

    @Test func `A cursor that does not move is not followed for ever`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: #"{"data":[],"next_cursor":"same"}"#) }
        let ran = await herald(["messages", "list", "--all"], at: api)
        #expect(ran.code == 1)
        #expect(api.requests.count == 2)
    }
}
