import Shared
import Testing

@testable import HeraldCommand

private let late = #"{"id":"m1","channel":"sms","to":"+1","scheduled_at":"2026-11-21T10:00:00.000000Z"}"#
private let soon = #"{"id":"m2","channel":"sms","to":"+2","scheduled_at":"2026-11-21T11:03:20.000000Z"}"#
private let later = #"{"id":"m3","channel":"sms","to":"+3","scheduled_at":"2026-12-21T11:03:20.000000Z"}"#

private func page(_ messages: [String], next: String? = nil) -> FakeAnswer {
    FakeAnswer(
        body:
            #"{"data":[\#(messages.joined(separator: ","))],"next_cursor":\#(next.map { "\"\($0)\"" } ?? "null")}"#
    )
}

@Suite(.timeLimit(.minutes(5))) struct ScheduledTests {
    @Test func `It says what is scheduled, what is overdue, and that nothing has to be done`() async throws {
        let api = try FakeAPI(answers: [page([later, late], next: "c"), page([soon])])
        let ran = await herald(["scheduled", "run"], at: api, device: .terminal)
        #expect(ran.code == 0)
        #expect(
            ran.output == """
                3 messages are scheduled, the next for 2026-11-21 11:03:20.000 UTC, in 1h 0m.
                Herald sends each by itself when its time has come; --now sends them at once.

                Overdue: 1. Is the queue paused, or no worker alive? See herald queue status.
                ID  SCHEDULED (UTC)           DUE IN  CHANNEL  TO  REFERENCE
                m1  2026-11-21 10:00:00.000  -3m 20s  sms      +1  -

                """
        )
        #expect(
            api.requests.map(\.target) == [
                "/api/v1/messages?status=scheduled&limit=200", "/api/v1/messages?status=scheduled&limit=200&cursor=c",
            ]
        )
    }

    @Test func `As JSON it has the counts and the overdue messages`() async throws {
        let ran = await herald(["scheduled", "run"], at: try FakeAPI(answers: [page([later, late, soon])]))
        #expect(
            ran.output == #"{"scheduled":3,"next_at":"2026-11-21T11:03:20.000000Z","overdue":[\#(late)]}"# + "\n"
        )
    }

    @Test func `Without any it says so`() async throws {
        let api = try FakeAPI(answers: [page([])])
        #expect(await herald(["scheduled", "run"], at: api, device: .terminal).output == "Nothing is scheduled.\n")
        #expect(
            await herald(["scheduled", "run"], at: api).output == #"{"scheduled":0,"next_at":null,"overdue":[]}"# + "\n"
        )
    }

    @Test func `Sending them now asks with their number, and follows the job`() async throws {
        let job = FakeAnswer(
            status: 202,
            body: #"{"id":"j1","action":"send-now","status":"done","total":2,"processed":2,"changed":2,"refused":0}"#
        )
        let api = try FakeAPI(answers: [page([late, soon]), job])
        let ran = await herald(["scheduled", "run", "--now"], at: api, device: .terminal, answer: "y")
        #expect(ran.code == 0)
        #expect(ran.errors == "2 messages are scheduled. Send them now, before their time? [y/N] ")
        #expect(ran.output.contains("changed    2\n"))
        #expect(api.requests.last?.body == #"{"action":"send-now","filter":{"status":"scheduled"}}"#)
    }

    @Test func `A long count says how far it is`() async throws {
        let pages = (1...26).map { page([soon], next: $0 < 26 ? "c\($0)" : nil) }
        let ran = await herald(["scheduled", "run", "--table"], at: try FakeAPI(answers: pages))
        #expect(ran.output.hasPrefix("26 messages are scheduled"))
        #expect(ran.errors == "herald: 25 scheduled messages so far\n")
    }

    @Test func `The list says how long each has to wait`() async throws {
        let ran = await herald(["scheduled", "list"], at: try FakeAPI(answers: [page([soon])]), device: .terminal)
        #expect(
            ran.output == """
                ID  SCHEDULED (UTC)          DUE IN  CHANNEL  TO  REFERENCE
                m2  2026-11-21 11:03:20.000   1h 0m  sms      +2  -

                """
        )
    }
}

@Suite(.timeLimit(.minutes(5))) struct FailedListTests {
    @Test func `Failed messages are listed with their reason and what became of each attempt`() async throws {
        let list = FakeAnswer(
            body: """
                {"data":[{"id":"m1","failed_at":"2026-11-21T10:00:00.000000Z","channel":"sms","to":"+1","attempt_count":3,
                 "error":{"code":"30007","detail":"Filtered","class":"rejected"},"reference":"r",
                 "attempts":[{"number":1,"outcome":"failed","error":{"code":"timeout"}},
                 {"number":2,"outcome":"throttled","error":null},{"number":3,"outcome":"failed","error":{"code":"30007"}}]},
                 {"id":"m2","channel":"sms","attempts":[]}],"next_cursor":null}
                """
        )
        let ran = await herald(["failed", "list"], at: try FakeAPI(answers: [list]), device: .terminal)
        #expect(
            ran.output == """
                ID  FAILED (UTC)             CHANNEL  TO  ERROR  REASON    ATTEMPTS  TRIES                      REFERENCE
                m1  2026-11-21 10:00:00.000  sms      +1  30007  Filtered         3  timeout, throttled, 30007  r
                m2  -                        sms      -   -      -                -  -                          -

                """
        )
    }
}
