import Foundation
import Shared
import Testing

@testable import HeraldCommand

private let send = ["send", "--to", "+15550000001", "--channel", "sandbox", "--body", "Hello"]

@Suite(.timeLimit(.minutes(5))) struct SendTests {
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

    @Test func `An email has its sender's name, where answers go, and its files`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "herald-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["Счёт 1.PDF", "none"].map { folder.appending(path: $0) }
        try Data([0, 255, 10]).write(to: files[0])
        try Data("x".utf8).write(to: files[1])
        let api = try FakeAPI { _ in FakeAnswer(status: 202, body: #"{"id":"m1","status":"queued"}"#) }
        let mail = ["send", "--to", "a@b.test", "--channel", "email", "--subject", "Hi", "--html", "<p>"]
        let surroundings = ["--from-name", "-Ann-", "--reply-to", "r@b.test"]
        let ran = await herald(
            mail + surroundings + files.flatMap { ["--attach", $0.path(percentEncoded: false)] },
            at: api
        )
        #expect(ran.code == 0, "\(ran.errors)")
        let body = try JSONValue(parsing: Array((api.requests.first?.body ?? "").utf8))
        #expect(body["from_name"] == "-Ann-" && body["reply_to"] == "r@b.test" && body["html"] == "<p>")
        #expect(
            body["attachments"] == [
                ["filename": "Счёт 1.PDF", "content_type": "application/pdf", "content": "AP8K"],
                ["filename": "none", "content_type": "application/octet-stream", "content": "eA=="],
            ]
        )
        let missing = await herald(
            mail + ["--attach", folder.appending(path: "no").path(percentEncoded: false)],
            at: api
        )
        #expect(missing.code == 2 && api.requests.count == 1)
        try Data(repeating: 0, count: 10_485_761).write(to: files[1])
        let large = await herald(mail + ["--attach", files[1].path(percentEncoded: false)], at: api)
        #expect(large.code == 2 && large.errors.contains("10 MB") && api.requests.count == 1)
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
