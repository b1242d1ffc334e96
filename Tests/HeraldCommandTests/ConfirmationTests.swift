import Testing

@testable import HeraldCommand

private let counted = FakeAnswer(
    status: 422,
    body: #"{"title":"Confirm it.","code":"confirmation-required","detail":"12 messages would be deleted."}"#
)
private let done = FakeAnswer(
    status: 202,
    body: #"{"id":"j1","action":"delete","status":"done","total":12,"processed":12,"changed":12,"refused":0}"#
)
private let flush = ["failed", "flush", "--channel", "sms"]

@Suite(.timeLimit(.minutes(5))) struct ConfirmationTests {
    @Test("Yes deletes what was counted", arguments: ["y", "yes", " YES "])
    func yes(answer: String) async throws {
        let api = try FakeAPI(answers: [counted, done])
        let ran = await herald(flush, at: api, device: .terminal, answer: answer)
        #expect(ran.code == 0, "\(ran.errors)")
        #expect(ran.errors == "12 messages would be deleted. Delete them? [y/N] ")
        #expect(
            api.requests.map(\.body) == [
                #"{"filter":{"channel":"sms"}}"#, #"{"confirm":true,"filter":{"channel":"sms"}}"#,
            ]
        )
    }

    @Test("Anything else does nothing", arguments: ["", "n", "no", "yess", "ja"])
    func no(answer: String) async throws {
        let api = try FakeAPI(answers: [counted, done])
        let ran = await herald(flush, at: api, device: .terminal, answer: answer)
        #expect(ran.code == 1)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.hasSuffix("herald: Nothing was done.\n"))
        #expect(api.requests.map(\.body) == [#"{"filter":{"channel":"sms"}}"#])
    }

    @Test(
        "Where there is nobody to ask, it needs --yes",
        arguments: [
            flush, ["messages", "delete", "--status", "failed"], ["scheduled", "run", "--now"],
        ]
    )
    func nobody(arguments: [String]) async throws {
        let api = try FakeAPI(answers: [done])
        let asked = await herald(arguments, at: api)
        #expect(asked.code == 2)
        #expect(asked.errors.contains("--yes"))
        #expect(api.requests.isEmpty)
        let told = await herald(arguments + ["--yes"], at: api)
        #expect(told.code == 0)
        #expect(told.errors.isEmpty)
        #expect(api.requests.count == 1)
    }

    @Test func `Another refusal of the count is the answer`() async throws {
        let problem = #"{"title":"No message matches.","status":422,"code":"nothing-matches"}"#
        let api = try FakeAPI(answers: [FakeAnswer(status: 422, body: problem)])
        let ran = await herald(flush, at: api, device: .terminal, answer: "y")
        #expect(ran.code == 1)
        #expect(ran.errors == "herald: No message matches. (422 nothing-matches)\n")
        #expect(api.requests.count == 1)
    }

    @Test func `What the API says can not draw on the terminal`() async throws {
        let api = try FakeAPI(
            answers: [FakeAnswer(status: 422, body: #"{"title":"\u001b[2JNo","code":"confirmation-required"}"#)]
        )
        let ran = await herald(flush, at: api, device: .terminal, answer: "n")
        #expect(ran.errors.hasPrefix("\u{FFFD}[2JNo Delete them? [y/N] "))
    }

    @Test func `Deleting by filter asks, deleting by id does not`() async throws {
        let api = try FakeAPI(answers: [done])
        let no = await herald(["messages", "delete", "--status", "failed"], at: api, device: .terminal, answer: "n")
        #expect(no.code == 1)
        #expect(api.requests.isEmpty)
        let yes = await herald(["messages", "delete", "--status", "failed"], at: api, device: .terminal, answer: "y")
        #expect(yes.code == 0)
        #expect(api.requests.map(\.body) == [#"{"action":"delete","filter":{"status":"failed"}}"#])
        let byID = await herald(["messages", "delete", "m1"], at: api)
        #expect(byID.code == 0)
        #expect(byID.errors.isEmpty)
    }
}
