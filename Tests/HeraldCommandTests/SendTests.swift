import Testing

@testable import HeraldCommand

private let send = ["send", "--to", "+15550000001", "--channel", "sandbox", "--body", "Hello"]

@Suite(.timeLimit(.minutes(1))) struct SendTests {
    @Test func `A failed send names the key that makes its repetition safe`() async throws {
        let api = try FakeAPI { _ in nil }
        let first = await herald(send, at: api)
        #expect(first.code == 3)
        let key = try #require(api.requests.first?.headers["idempotency-key"])
        #expect(key.count == 36)
        #expect(first.errors.contains("--idempotency-key '\(key)'"))
        _ = await herald(send, at: api)
        #expect(api.requests.last?.headers["idempotency-key"] != key)
    }

    @Test(
        "Only a refusal for good does not name the key",
        arguments: [(422, false), (409, true), (429, true), (503, true)]
    )
    func refusals(status: Int, isNamed: Bool) async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: status, body: #"{"title":"No."}"#) }
        let ran = await herald(send + ["--idempotency-key", "order-17"], at: api)
        #expect(ran.code == 1)
        #expect(ran.errors.contains("order-17") == isNamed)
    }

    @Test func `A given key is sent as it is`() async throws {
        let api = try FakeAPI { _ in FakeAnswer(status: 202, body: #"{"id":"m1","status":"queued"}"#) }
        let ran = await herald(send + ["--idempotency-key", "order-17"], at: api)
        #expect(ran.code == 0)
        #expect(ran.output == #"{"id":"m1","status":"queued"}"# + "\n")
        #expect(ran.errors.isEmpty)
        #expect(api.requests.first?.headers["idempotency-key"] == "order-17")
    }

    @Test(
        "Waiting ends with what became of the message",
        arguments: [
            ("delivered", 0), ("read", 0), ("failed", 1), ("skipped", 1), ("cancelled", 1), ("expired", 1),
            // After the time: with the provider is well enough, anything else is not.
            ("sent", 0), ("queued", 4), ("scheduled", 4), ("sending", 4), ("uncertain", 4),
        ]
    )
    func waiting(status: String, code: Int32) async throws {
        let api = try FakeAPI { request in
            request.method == "POST"
                ? FakeAnswer(status: 202, body: #"{"id":"m1","status":"queued"}"#)
                : FakeAnswer(body: #"{"id":"m1","status":"\#(status)","attempts":[]}"#)
        }
        let clock = JumpingClock()
        let ran = await herald(send + ["--wait", "60"], at: api, clock: clock)
        #expect(ran.code == code)
        #expect(ran.output == #"{"id":"m1","status":"\#(status)","attempts":[]}"# + "\n")
        let waits = ["sent", "queued", "scheduled", "sending", "uncertain"].contains(status)
        #expect(clock.now.offset == (waits ? .seconds(60) : .zero))
    }

    @Test func `On a terminal the awaited message comes with its timeline`() async throws {
        let api = try FakeAPI { request in
            request.target.hasSuffix("/timeline")
                ? FakeAnswer(
                    body:
                        #"{"data":[{"at":"2026-11-21T10:00:00.000000Z","type":"created","state":"queued","detail":{}}]}"#
                )
                : FakeAnswer(
                    body: """
                        {"id":"m1","status":"delivered","org_id":"o1",
                         "attempts":[{"number":1,"outcome":"delivered","error":null}]}
                        """
                )
        }
        let ran = await herald(send + ["--wait"], at: api, device: .terminal)
        #expect(ran.code == 0)
        #expect(ran.output.hasPrefix("id      m1\nstatus  delivered\n"))
        #expect(ran.output.contains("ATTEMPT  OUTCOME"))
        #expect(ran.output.contains("2026-11-21 10:00:00.000    0ms  created"))
    }

    @Test func `A dry run has no key, and shows the gates`() async throws {
        let api = try FakeAPI { _ in
            FakeAnswer(
                body:
                    #"{"status":"queued","rendered":{"body":"Hello"},"gates":[{"gate":"account","verdict":"pass","detail":null}]}"#
            )
        }
        let ran = await herald(send + ["--dry-run"], at: api, device: .terminal)
        #expect(ran.code == 0)
        #expect(ran.output.contains("account  pass"))
        #expect(ran.output.contains("body  Hello"))
        #expect(api.requests.first?.headers["idempotency-key"] == nil)
    }
}
