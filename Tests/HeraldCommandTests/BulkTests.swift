import Shared
import Testing

@testable import HeraldCommand

private func answer(_ results: [String]) -> FakeAnswer {
    FakeAnswer(body: #"{ "data": [\#(results.joined(separator: ", "))] }"#)
}

private let changed = #"{"id":"m1","status":200,"error":null}"#
private let refused =
    #"{"id":"m2","status":409,"error":{"title":"No.","code":"message-in-flight","detail":"It is being sent."}}"#

@Suite(.timeLimit(.minutes(5))) struct BulkTests {
    @Test func `Each of several messages has its own result, and one refusal ends with 1`() async throws {
        let api = try FakeAPI(answers: [answer([changed, refused])])
        let ran = await herald(["messages", "cancel", "m1", "m2"], at: api, device: .terminal)
        #expect(ran.code == 1)
        #expect(ran.errors.isEmpty)
        #expect(
            ran.output == """
                ID  RESULT   ERROR              WHY
                m1  done     -                  -
                m2  refused  message-in-flight  It is being sent.

                """
        )
    }

    @Test(
        "As JSON the results are one list",
        arguments: [([changed], 0), ([changed, refused], 1)] as [([String], Int32)]
    )
    func json(results: [String], code: Int32) async throws {
        let api = try FakeAPI(answers: [answer(results)])
        let ran = await herald(["messages", "retry", "m1", "m2"], at: api)
        #expect(ran.code == code)
        #expect(ran.output == #"{"data":[\#(results.joined(separator: ","))]}"# + "\n")
    }

    @Test func `More ids than one request may have make further requests, and one list`() async throws {
        let api = try FakeAPI(answers: [answer([changed]), answer([#"{"id":"last","status":204,"error":null}"#])])
        let ids = (0...1000).map { "m\($0)" }
        let ran = await herald(["messages", "delete"] + ids, at: api)
        #expect(ran.code == 0)
        let sent = try api.requests.map { try JSONValue(parsing: $0.body)["ids"]?.array ?? [] }
        #expect(sent.map(\.count) == [1000, 1])
        #expect(sent.last == ["m1000"])
        #expect(ran.output == #"{"data":[\#(changed),{"id":"last","status":204,"error":null}]}"# + "\n")
    }

    @Test func `What was done before a failure is shown`() async throws {
        let api = try FakeAPI(answers: [answer([changed]), FakeAnswer(status: 503, body: #"{"title":"Later."}"#)])
        let ran = await herald(["messages", "cancel"] + (0...1000).map { "m\($0)" }, at: api)
        #expect(ran.code == 1)
        #expect(ran.output == #"{"data":[\#(changed)]}"# + "\n")
        #expect(ran.errors.contains("Later."))
    }

    @Test func `One message is shown as it became; one that is gone is said to be`() async throws {
        let shown = try FakeAPI(answers: [FakeAnswer(body: #"{"id":"m1","status":"cancelled"}"#)])
        let cancelled = await herald(["messages", "cancel", "m1"], at: shown, device: .terminal)
        #expect(cancelled.output == "id      m1\nstatus  cancelled\n")
        let gone = try FakeAPI(answers: [FakeAnswer(status: 204)])
        #expect(await herald(["messages", "delete", "m1"], at: gone, device: .terminal).output == "Deleted.\n")
        let quiet = await herald(["messages", "delete", "m1"], at: gone)
        #expect(quiet.code == 0)
        #expect(quiet.output.isEmpty)
    }

    @Test func `A single refusal is the API's own`() async throws {
        let problem = #"{"title":"It is being sent.","status":409,"code":"message-in-flight"}"#
        let api = try FakeAPI(answers: [FakeAnswer(status: 409, body: problem)])
        for arguments in [["messages", "edit", "m1", "--to", "+1"], ["messages", "delete", "m1"]] {
            let ran = await herald(arguments, at: api)
            #expect(ran.code == 1)
            #expect(ran.errors == "herald: It is being sent. (409 message-in-flight)\n")
        }
    }
}
