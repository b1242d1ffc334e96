import Foundation
import Shared
import Testing

@testable import HeraldCommand

/// `herald restore`, against an API that answers as a test wants.
struct RestoreCommandTests {
    private static let missing = FakeAnswer(
        status: 409,
        body:
            #"{"title":"Not every worker has told its journal.","status":409,"code":"journals-missing","detail":"w-2"}"#
    )

    private static func step(done: Bool, uncertain: Int) -> FakeAnswer {
        FakeAnswer(
            body: #"{"fenced":\#(!done),"journals":[],"done":\#(done),"uncertain":\#(uncertain),"paused_broadcasts":1}"#
        )
    }

    @Test func itGoesOnUntilItIsDoneAndCountsAll() async throws {
        let api = try FakeAPI(answers: [Self.step(done: false, uncertain: 500), Self.step(done: true, uncertain: 20)])
        let ran = await herald(["restore", "reconcile", "--no-erasures", "--lost-journal", "w-2"], at: api)
        #expect(ran.code == 0)
        let told = try JSONValue(parsing: Array(ran.output.utf8))
        #expect(told["uncertain"] == 520)
        #expect(told["paused_broadcasts"] == 2)
        #expect(told["fenced"] == false)
        #expect(api.requests.map(\.target) == ["/api/v1/restore/reconcile", "/api/v1/restore/reconcile"])
        #expect(api.requests.allSatisfy { $0.body == #"{"lost_journals":["w-2"]}"# })
        #expect(api.requests.allSatisfy { $0.headers["authorization"] == "Bearer operator-key" })
    }

    @Test func journalsAreWaitedFor() async throws {
        let api = try FakeAPI(answers: [Self.missing, Self.missing, Self.step(done: true, uncertain: 0)])
        let ran = await herald(["restore", "reconcile", "--no-erasures"], at: api)
        #expect(ran.code == 0)
        #expect(ran.errors == "herald: waiting for journals: w-2\n")
    }

    @Test func aJournalThatDoesNotComeIsNamed() async throws {
        let api = try FakeAPI(answers: [Self.missing])
        let ran = await herald(["restore", "reconcile", "--no-erasures", "--wait", "5"], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("Not every worker has told its journal. (409 journals-missing)"))
        #expect(api.requests.count == 6)
    }

    @Test(arguments: ["", #"{"id":"e1","org_id":"o1","customer_id":"c1"}"#])
    func erasuresAreReadFromStandardInput(lines: String) async throws {
        let api = try FakeAPI { request in
            if request.target.hasSuffix("/reapply") { return FakeAnswer(status: 202, body: #"{"reapplied":1}"#) }
            if request.target.contains("/erasures") { return FakeAnswer(body: #"{"data":[],"next_cursor":null}"#) }
            return Self.step(done: true, uncertain: 0)
        }
        let ran = await herald(["restore", "reconcile", "--erasures", "-"], at: api, input: lines)
        #expect(ran.code == 0, "\(ran.errors)")
        // While nobody was erased the file is empty.
        let isReapplied = api.requests.contains { $0.target == "/api/v1/orgs/o1/erasures/reapply" }
        #expect(isReapplied == !lines.isEmpty)
        #expect(api.requests.last?.target == "/api/v1/restore/reconcile")
    }

    /// Before anything is sent again.
    @Test func erasuresComeFirst() async throws {
        let folder = try TemporaryDirectory()
        let lines = """
            {"id":"e1","org_id":"o1","customer_id":"c1"}
            {"id":"e1","org_id":"o1","customer_id":"c1","conversation_ids":["v1"]}

            """
        let file = try folder.write(lines, to: "erasures.jsonl")
        let api = try FakeAPI { request in
            if request.target.hasSuffix("/reapply") { return FakeAnswer(status: 202, body: #"{"reapplied":2}"#) }
            if request.target.contains("/erasures") { return FakeAnswer(body: #"{"data":[],"next_cursor":null}"#) }
            return Self.step(done: true, uncertain: 0)
        }
        let ran = await herald(["restore", "reconcile", "--erasures", file], at: api)
        #expect(ran.code == 0)
        #expect(api.requests.first?.target == "/api/v1/orgs/o1/erasures/reapply")
        #expect(api.requests.first?.body.contains(#""conversation_ids":["v1"]"#) == true)
        #expect(api.requests.last?.target == "/api/v1/restore/reconcile")
    }

    @Test func whatIsShownIsATableForAPerson() async throws {
        let api = try FakeAPI(answers: [
            FakeAnswer(
                body: """
                    {"fenced":true,"reason":"restored","journals":[{"worker":"w-1","told":true,"whole":false,
                    "covers_since":null,"attempts":3,"learned":2,"unknown":1}]}
                    """
            )
        ])
        let ran = await herald(["restore", "status"], at: api, device: .terminal)
        #expect(ran.code == 0)
        #expect(ran.output.contains("fenced"))
        #expect(ran.output.contains("w-1"))
        #expect(api.requests.map(\.target) == ["/api/v1/restore"])
    }

    @Test(arguments: [
        ["reconcile"], ["reconcile", "--erasures", "f", "--no-erasures"],
        ["reconcile", "--no-erasures", "--wait", "-1"],
        ["reconcile", "--no-erasures", "--wait", "3601"], ["reconcile", "--no-erasures", "--lost-journal", ""],
        ["reconcile", "--erasures", "/nowhere/erasures.jsonl"],
    ])
    func badInputIsRefused(arguments: [String]) async throws {
        let api = try FakeAPI(answers: [Self.step(done: true, uncertain: 0)])
        #expect(await herald(["restore"] + arguments, at: api).code == 2)
        #expect(api.requests.isEmpty)
    }
}
