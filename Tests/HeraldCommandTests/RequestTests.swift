import Testing

@testable import HeraldCommand

@Suite(.timeLimit(.minutes(5))) struct RequestTests {
    @Test(
        "A command line becomes one request",
        arguments: ExpectedRequest.ordinary + ExpectedRequest.changes + ExpectedRequest.queue
            + ExpectedRequest.webhooks + ExpectedRequest.customers + ExpectedRequest.templates
            + ExpectedRequest.broadcasts
    )
    func request(expected: ExpectedRequest) async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: #"{"data":[],"next_cursor":null}"#) }
        let ran = await herald(expected.arguments.split(separator: " ").map(String.init), at: api)
        #expect(ran.code == 0, "\(ran.errors)")
        let request = try #require(api.requests.first)
        #expect(api.requests.count == 1)
        #expect("\(request.method) \(request.target)" == expected.line)
        #expect(request.body == expected.body)
        #expect(request.headers["authorization"] == "Bearer \(expected.key)")
        #expect(request.headers["x-org-id"] == expected.org)
    }

    @Test func `The health of the API is asked for without a key`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(body: #"{"status":"ok"}"#) }
        let ran = await herald(["status"], environment: ["API_URL": api.url])
        #expect(ran.code == 0)
        #expect(ran.output == #"{"status":"ok"}"# + "\n")
        #expect(api.requests.first?.target == "/readyz")
        #expect(api.requests.first?.headers["authorization"] == nil)
    }

    @Test func `An API that can not work is told apart from one that is not there`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: 503, body: #"{"status":"unavailable","failing":["postgres"]}"#)
        }
        let ran = await herald(["status", "--table"], at: api)
        #expect(ran.code == 1)
        #expect(ran.output.contains("not there: postgres"))
        #expect(await herald(["status"], environment: ["API_URL": try FakeAPI.closedURL()]).code == 3)
    }
}
