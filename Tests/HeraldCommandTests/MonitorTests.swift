import Foundation
import Testing

@testable import HeraldCommand

/// Answers a queue, and deliveries of which there are four more at each look.
private func busy() throws -> FakeAPI {
    let looks = Counter()
    return try FakeAPI { request in
        guard request.target.hasPrefix("/api/v1/stats/deliveries") else {
            return FakeAnswer(
                body: """
                    {"paused":false,"data":[{"channel":"sms","status":"queued","count":7,
                    "oldest_due_at":"2026-11-21T10:03:18.000000Z"}],"accounts":[{"id":"a1","name":"main",
                    "channel":"sms","state":"outage","reason":"503","next_probe_at":"2026-11-21T10:03:30.000000Z"}]}
                    """
            )
        }
        return FakeAnswer(
            body: #"{"data":[{"channel":"sms","status":"delivered","count":\#(4 * looks.next())}]}"#
        )
    }
}

@Suite(.timeLimit(.minutes(5))) struct MonitorTests {
    private static let queue =
        #""paused":false,"data":[{"channel":"sms","status":"queued","count":7,"#
        + #""oldest_due_at":"2026-11-21T10:03:18.000000Z"}],"accounts":[{"id":"a1","name":"main","channel":"sms","#
        + #""state":"outage","reason":"503","next_probe_at":"2026-11-21T10:03:30.000000Z"}],"oldest_due_age_ms":2000"#

    @Test func `Each look is a line of JSON; from the second on there are rates`() async throws {
        let api = try busy()
        let clock = JumpingClock()
        let ran = await herald(["queue", "monitor", "--count", "2"], at: api, clock: clock)
        #expect(ran.code == 0)
        #expect(ran.errors.isEmpty)
        #expect(ran.endsWhenLeft)
        let at = #"{"at":"2026-11-21T10:03:20.000000Z","#
        #expect(
            ran.output == at + Self.queue + #","rates":null}"# + "\n" + at + Self.queue
                + #","rates":[{"channel":"sms","sent_per_second":2.0,"delivered_per_second":2.0,"#
                + #""failed_per_second":0.0}]}"# + "\n"
        )
        #expect(clock.now.offset == .seconds(2))
        let since = "/api/v1/stats/deliveries?since=2026-11-20T10%3A03%3A20.000000Z"
        #expect(api.requests.map(\.target) == ["/api/v1/queue", since, "/api/v1/queue", since])
    }

    @Test func `On a terminal each look is drawn over the one before`() async throws {
        let ran = await herald(
            ["queue", "monitor", "--count", "2", "--interval", "0.5"],
            at: try busy(),
            device: .terminal
        )
        #expect(ran.code == 0)
        #expect(ran.output.hasPrefix("\u{1B}[2J\u{1B}[H2026-11-21 10:03:20.000 UTC  http://127.0.0.1:"))
        #expect(ran.output.components(separatedBy: "\u{1B}[2J").count == 2)
        let looks = ran.output.components(separatedBy: "\u{1B}[H").dropFirst()
        #expect(looks.count == 2)
        for look in looks {
            #expect(look.contains("every 500ms; Ctrl-C ends\u{1B}[K\n"))
            #expect(look.contains("sms      queued      7  2026-11-21 10:03:18.000   2.000s\u{1B}[K\n"))
            #expect(look.contains("a1       main  sms      outage  503           10.000s\u{1B}[K\n"))
            #expect(look.hasSuffix("\u{1B}[K\n\u{1B}[J"))
        }
        #expect(looks.first?.contains("SENT/S") == false)
        #expect(looks.last?.contains("sms         8.0          8.0       0.0\u{1B}[K\n") == true)
    }

    @Test func `Tables elsewhere stand under each other, without anything that moves a cursor`() async throws {
        let ran = await herald(["queue", "monitor", "--count", "2", "--table"], at: try busy())
        #expect(!ran.output.contains("\u{1B}"))
        #expect(ran.output.components(separatedBy: "CHANNEL  STATUS").count == 3)
    }

    @Test func `The operator sees all queues, without rates`() async throws {
        let api = try FakeAPI(answers: [FakeAnswer(body: #"{"paused":false,"data":[],"workers":[]}"#)])
        let ran = await herald(["queue", "monitor", "--count", "2", "--platform"], at: api)
        #expect(ran.code == 0)
        #expect(api.requests.map(\.target) == ["/api/v1/queue", "/api/v1/queue"])
        #expect(api.requests.allSatisfy { $0.headers["authorization"] == "Bearer operator-key" })
        #expect(api.requests.allSatisfy { $0.headers["x-org-id"] == nil })
        let line =
            #"{"at":"2026-11-21T10:03:20.000000Z","paused":false,"data":[],"workers":[],"#
            + #""oldest_due_age_ms":null,"rates":null}"# + "\n"
        #expect(ran.output == line + line)
    }

    @Test func `A look that fails in between is said, and does not end it`() async throws {
        let queue = FakeAnswer(body: #"{"data":[],"workers":[]}"#)
        let down = FakeAnswer(status: 503, body: #"{"title":"Try again in a moment."}"#)
        let ran = await herald(
            ["queue", "monitor", "--count", "4", "--platform"],
            at: try FakeAPI(answers: [queue, down, nil, queue])
        )
        #expect(ran.code == 0)
        #expect(ran.errors.contains("Try again in a moment."))
        #expect(ran.errors.contains("closed without an answer"))
        #expect(ran.output.split(separator: "\n").count == 2)
    }

    @Test("The first look and the last must go well", arguments: [(1, 1), (2, 1), (3, 0)] as [(Int, Int32)])
    func ends(failing: Int, code: Int32) async throws {
        let queue = FakeAnswer(body: #"{"data":[],"workers":[]}"#)
        let down = FakeAnswer(status: 503, body: #"{"title":"Later."}"#)
        let answers = (1...3).map { $0 == failing ? down : queue }
        let count = failing == 3 ? "4" : "2"
        let ran = await herald(
            ["queue", "monitor", "--count", count, "--platform"],
            at: try FakeAPI(answers: answers + [queue])
        )
        #expect(ran.code == code)
        #expect(ran.errors.contains("Later."))
    }

    @Test func `A refusal for good ends it at once`() async throws {
        let queue = FakeAnswer(body: #"{"data":[],"workers":[]}"#)
        let no = FakeAnswer(status: 403, body: #"{"title":"Not with this key."}"#)
        let api = try FakeAPI(answers: [queue, no])
        let ran = await herald(["queue", "monitor", "--platform"], at: api)
        #expect(ran.code == 1)
        #expect(api.requests.count == 2)
    }

    @Test func `Without statistics the queue is shown all the same`() async throws {
        let api = try FakeAPI { request in
            request.target.contains("stats")
                ? FakeAnswer(status: 503, body: #"{"title":"Later."}"#) : FakeAnswer(body: #"{"data":[]}"#)
        }
        let ran = await herald(["queue", "monitor", "--count", "2"], at: api)
        #expect(ran.code == 0)
        #expect(ran.errors.isEmpty)
        #expect(ran.output.components(separatedBy: #""rates":null}"#).count == 3)
    }
}
