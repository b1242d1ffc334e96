import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct ReplayTests {
    @Test func `Many events are replayed call after call, and counted together`() async throws {
        let api = try FakeAPI { request in
            request.body.contains("after")
                ? FakeAnswer(status: 202, body: #"{"replayed":7,"next":null}"#)
                : FakeAnswer(status: 202, body: #"{"replayed":20000,"next":"e9"}"#)
        }
        let ran = await herald(["webhooks", "replay", "--failed", "--account", "a1"], at: api)
        #expect(ran.code == 0, "\(ran.errors)")
        #expect(
            api.requests.map(\.body) == [
                #"{"filter":{"account_id":"a1","state":"failed"}}"#,
                #"{"filter":{"account_id":"a1","state":"failed"},"after":"e9"}"#,
            ]
        )
        #expect(ran.output == #"{"replayed":20007}"# + "\n")
        #expect(ran.errors == "20000 events so far\n")
    }

    @Test(arguments: [[], ["e1", "--failed"], ["--failed", "--state", "done"]])
    func `It has to be said what is replayed`(arguments: [String]) async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: "{}") }
        let ran = await herald(["webhooks", "replay"] + arguments, at: api)
        #expect(ran.code == 2)
        #expect(api.requests.isEmpty)
    }
}
