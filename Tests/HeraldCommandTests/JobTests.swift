import Testing

@testable import HeraldCommand

private func job(_ status: String, processed: Int, refused: Int = 0) -> FakeAnswer {
    FakeAnswer(
        body: #"{"id":"j1","action":"retry","filter":{"status":"failed"},"status":"\#(status)","total":8,"#
            + #""processed":\#(processed),"changed":\#(processed - refused),"refused":\#(refused),"finished_at":null}"#
    )
}

private let retry = ["failed", "retry", "--all"]

@Suite(.timeLimit(.minutes(5))) struct JobTests {
    @Test func `A job is followed to its end, and says how far it is where it has moved`() async throws {
        let answers = [
            job("running", processed: 0), job("running", processed: 5), job("running", processed: 5),
            job("done", processed: 8),
        ]
        let api = try FakeAPI(answers: answers)
        let clock = JumpingClock()
        let ran = await herald(retry, at: api, clock: clock)
        #expect(ran.code == 0)
        #expect(ran.output == answers[3].body + "\n")
        #expect(ran.errors == "herald: retry: 0 of 8 messages\nherald: retry: 5 of 8 messages\n")
        #expect(
            api.requests.map { "\($0.method) \($0.target)" } == ["POST /api/v1/messages/bulk"]
                + Array(repeating: "GET /api/v1/jobs/j1", count: 3)
        )
        #expect(clock.now.offset == .milliseconds(700))
    }

    @Test func `A long job is looked at every two seconds at most`() async throws {
        let api = try FakeAPI(
            answers: Array(repeating: job("running", processed: 1), count: 8) + [job("done", processed: 8)]
        )
        let clock = JumpingClock()
        #expect(await herald(retry, at: api, clock: clock).code == 0)
        // 0.1, 0.2, 0.4, 0.8, 1.6 and three times 2 seconds.
        #expect(clock.now.offset == .milliseconds(9100))
    }

    @Test func `A job that was refused some messages ends with 1`() async throws {
        let answers = [job("running", processed: 4, refused: 2), job("done", processed: 8, refused: 3)]
        let api = try FakeAPI(answers: answers)
        let ran = await herald(retry, at: api, device: .terminal)
        #expect(ran.code == 1)
        #expect(ran.errors == "herald: retry: 4 of 8 messages, 2 refused\n")
        #expect(ran.output.contains("refused        3\n"))
        #expect(ran.output.contains("filter.status  failed\n"))
    }

    @Test func `Who does not wait sees the job as it started`() async throws {
        let api = try FakeAPI(answers: [job("running", processed: 0)])
        let ran = await herald(retry + ["--no-wait"], at: api)
        #expect(ran.code == 0)
        #expect(ran.output == job("running", processed: 0).body + "\n")
        #expect(ran.errors.isEmpty)
        #expect(api.requests.count == 1)
    }

    @Test func `When the API is gone meanwhile, it says how to come back to the job`() async throws {
        let ran = await herald(retry, at: try FakeAPI(answers: [job("running", processed: 0), nil]))
        #expect(ran.code == 3)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.contains("herald jobs show j1 --wait"))
    }

    @Test func `A job can be waited for later`() async throws {
        let api = try FakeAPI(answers: [job("running", processed: 7), job("done", processed: 8)])
        let ran = await herald(["jobs", "show", "j1", "--wait"], at: api)
        #expect(ran.code == 0)
        #expect(ran.output == job("done", processed: 8).body + "\n")
        #expect(api.requests.map(\.target) == ["/api/v1/jobs/j1", "/api/v1/jobs/j1"])
        let refused = try FakeAPI(answers: [job("done", processed: 8, refused: 1)])
        #expect(await herald(["jobs", "show", "j1"], at: refused).code == 0)
    }

    @Test func `Nothing that matches is a refusal`() async throws {
        let problem = #"{"title":"No message matches.","status":422,"code":"nothing-matches"}"#
        let ran = await herald(retry, at: try FakeAPI(answers: [FakeAnswer(status: 422, body: problem)]))
        #expect(ran.code == 1)
        #expect(ran.errors == "herald: No message matches. (422 nothing-matches)\n")
    }

    @Test func `Jobs are listed with their counts`() async throws {
        let list = FakeAnswer(body: #"{"data":[\#(job("running", processed: 5).body)],"next_cursor":null}"#)
        let ran = await herald(["jobs", "list"], at: try FakeAPI(answers: [list]), device: .terminal)
        #expect(
            ran.output == """
                ID  CREATED (UTC)  ACTION  STATUS   TOTAL  PROCESSED  CHANGED  REFUSED  FINISHED (UTC)  FILTER
                j1  -              retry   running      8          5        5        0  -               status=failed

                """
        )
    }
}
