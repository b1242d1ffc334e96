import Shared
import Testing

@testable import HeraldCommand

@Suite struct QueueTextTests {
    @Test func `A queue shows what is late, what is paused, and why an account is closed`() throws {
        let queue = try JSONValue(
            parsing: """
                {"paused":true,"paused_at":"2026-11-21T09:00:00.000000Z","paused_by":"key server","platform_paused":true,
                 "data":[{"channel":"sms","status":"queued","count":7,"oldest_due_at":"2026-11-21T10:00:00.000000Z"},
                         {"channel":"sms","status":"scheduled","count":12,"oldest_due_at":"2026-11-21T11:00:00.000000Z"}],
                 "accounts":[{"id":"a1","name":"main","channel":"sms","state":"parked","reason":"blocked by provider",
                              "next_probe_at":"2026-11-21T10:04:20.000000Z"},
                             {"id":"a2","name":"mail","channel":"email","state":"open","reason":null,"next_probe_at":null},
                             {"id":"a3","name":"old","channel":"sms","state":"parked","reason":null,"next_probe_at":null}]}
                """
        )
        #expect(
            QueueText.of(queue, now: testTime) == """
                Paused since 2026-11-21 09:00:00.000 UTC by key server: herald queue continue
                The operator has paused the whole installation.

                CHANNEL  STATUS     COUNT  OLDEST DUE (UTC)         LATE BY
                sms      queued         7  2026-11-21 10:00:00.000   3m 20s
                sms      scheduled     12  2026-11-21 11:00:00.000        -

                ACCOUNT  NAME  CHANNEL  STATE   REASON               NEXT PROBE IN
                a1       main  sms      parked  blocked by provider          1m 0s
                a3       old   sms      parked  -                                -

                """
        )
        #expect(QueueText.oldestAge(in: queue, now: testTime) == .seconds(200))
    }

    @Test func `A queue in which nothing is wrong says nothing else`() throws {
        let queue = try JSONValue(
            parsing: #"{"paused":false,"paused_at":null,"platform_paused":false,"data":[],"#
                + #""accounts":[{"state":"open"}]}"#
        )
        #expect(QueueText.of(queue, now: testTime) == "The queue is empty.\n")
        #expect(QueueText.oldestAge(in: queue, now: testTime) == nil)
    }

    @Test func `The queue of all shows whose each is, and the workers`() throws {
        let queue = try JSONValue(
            parsing: """
                {"paused":false,"paused_at":null,"paused_by":null,
                 "data":[{"org_id":"o1","channel":"sms","status":"queued","count":7,"oldest_due_at":null}],
                 "workers":[{"name":"w1","alive":true,"beat_at":"2026-11-21T10:03:19.500000Z"},
                            {"name":"w2","alive":false,"beat_at":"2026-11-21T10:00:00.000000Z"}]}
                """
        )
        #expect(
            QueueText.of(queue, now: testTime) == """
                ORG  CHANNEL  STATUS  COUNT  OLDEST DUE (UTC)  LATE BY
                o1   sms      queued      7  -                       -

                WORKER  ALIVE  LAST SEEN
                w1      yes        500ms
                w2      no        3m 20s

                """
        )
        #expect(QueueText.of(["data": [], "workers": []], now: testTime).hasSuffix("There is no worker.\n"))
    }

    @Test func `Rates are what came further between two looks`() throws {
        let earlier = try JSONValue(
            parsing: """
                {"data":[{"channel":"sms","status":"sent","count":10},{"channel":"sms","status":"delivered","count":5},
                         {"channel":"sms","status":"failed","count":4},{"channel":"sms","status":"queued","count":9}]}
                """
        )
        let later = try JSONValue(
            parsing: """
                {"data":[{"channel":"sms","status":"sent","count":8},{"channel":"sms","status":"delivered","count":9},
                         {"channel":"sms","status":"read","count":3},{"channel":"sms","status":"failed","count":2},
                         {"channel":"email","status":"failed","count":1}]}
                """
        )
        let before = try #require(DeliveryCounts(earlier))
        let after = try #require(DeliveryCounts(later))
        #expect(
            after.rates(since: before, over: .seconds(2)) == [
                DeliveryRate(channel: "email", sent: 0, delivered: 0, failed: 500),
                DeliveryRate(channel: "sms", sent: 2500, delivered: 3500, failed: 0),
            ]
        )
        #expect(DeliveryCounts(["data": 1]) == nil)
        #expect(DeliveryCounts(nil) == nil)
    }
}
