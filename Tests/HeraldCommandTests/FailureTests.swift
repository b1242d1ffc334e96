import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct FailureTests {
    @Test func `A problem is shown with its detail and violations, and ends with 1`() async throws {
        let api = try FakeAPI { _ in
            FakeAnswer(
                status: 422,
                headers: ["content-type": "application/problem+json"],
                body: """
                    {"type":"urn:herald:problem:invalid-request","title":"The request is not valid.","status":422,
                     "detail":"Two fields are wrong.","code":"invalid-request","request_id":"r1",
                     "violations":[{"pointer":"/to","detail":"must be a number"},{"pointer":"/body","detail":"is\\u001b[2J long"}]}
                    """
            )
        }
        let ran = await herald(["queue", "status"], at: api)
        #expect(ran.code == 1)
        #expect(ran.output.isEmpty)
        #expect(
            ran.errors == """
                herald: The request is not valid. (422 invalid-request)
                  Two fields are wrong.
                  /to: must be a number
                  /body: is\u{FFFD}[2J long
                  Request id: r1

                """
        )
    }

    @Test func `A problem that passes says when to try again`() async throws {
        let api = try FakeAPI { _ in
            FakeAnswer(
                status: 503,
                headers: ["retry-after": "7", "x-request-id": "r2"],
                body: #"{"title":"Try again in a moment.","code":"unavailable"}"#
            )
        }
        let ran = await herald(["queue", "status"], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("Try again in 7 s."))
        #expect(ran.errors.contains("r2"))
    }

    @Test func `Nobody at the address, or a cut connection, ends with 3`() async throws {
        let environment = ["API_URL": try FakeAPI.closedURL(), "API_KEY": "k"]
        let closed = await herald(["queue", "status"], environment: environment)
        #expect(closed.code == 3)
        #expect(closed.errors.contains("can not be reached (nothing listens there)"))
        let cut = await herald(["queue", "status"], at: try FakeAPI { _ in nil })
        #expect(cut.code == 3)
        #expect(cut.errors.contains("closed without an answer"))
    }

    @Test(
        "Whoever is not Herald is recognized",
        arguments: [(404, "<html>nginx</html>"), (200, "<html>hello</html>"), (302, ""), (200, #"{"data":1}"#)]
    )
    func foreign(status: Int, body: String) async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: status, body: body) }
        let ran = await herald(["messages", "list"], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("is API_URL right?"))
    }

    @Test func `A key never stands in an error`() async throws {
        let environment = ["API_URL": try FakeAPI.closedURL(), "API_KEY": "hk_live_hidden", "OPERATOR_KEY": "ophidden"]
        for arguments in [
            ["queue", "status"], ["orgs", "list"], ["send", "--to", "+1", "--channel", "sms", "--body", "x"],
        ] {
            let ran = await herald(arguments, environment: environment)
            #expect(ran.code == 3)
            #expect(!(ran.errors + ran.output).contains("hidden"))
        }
    }
}
