import MessagingService
import Shared
import Testing

/// The whole table: status by event about the latest attempt, of which nothing was known before.
///
/// `-` is noted on the attempt only; `S` `D` `R` `F` settle the message; `r` is queued again and counts, `f` is queued
/// again for free; `p` pauses in its place, `a` waits for the account, `g` is as due as before, `h` is held.
private let table = """
                unused  uncertain  sent  transient  throttled  account  permanent  delivered  read
    scheduled   g       h          S     r          p          a        F          D          R
    queued      g       h          S     r          p          a        F          D          R
    sending     g       h          S     r          p          a        F          D          R
    uncertain   g       h          S     r          p          a        F          D          R
    sent        -       -          -     -          -          -        -          D          R
    delivered   -       -          -     -          -          -        -          -          R
    read        -       -          -     -          -          -        -          -          -
    failed      -       -          S     -          -          -        -          D          R
    skipped     -       -          S     -          -          -        -          D          R
    cancelled   -       -          S     -          -          -        -          D          R
    expired     -       -          S     -          -          -        -          D          R
    """

private let events: [(name: String, kind: DeliveryEvent.Kind)] = [
    ("unused", .unused), ("uncertain", .uncertain), ("sent", .sent),
    ("transient", .failed(.transient, retryAfter: nil)),
    ("throttled", .failed(.throttled, retryAfter: nil)), ("account", .failed(.account, retryAfter: nil)),
    ("permanent", .failed(.permanent, retryAfter: nil)), ("delivered", .delivered), ("read", .read),
]

@Suite struct MessageTransitionTests {
    @Test(arguments: MessageStatus.allCases, events.map(\.name))
    func everyPairMatchesTheTable(status: MessageStatus, event: String) throws {
        let kind = try #require(events.first { $0.name == event }?.kind)
        let transition = snapshot(status).applying(DeliveryEvent(kind), toAttempt: 1, known: nil, jitter: 1)
        #expect(letter(of: transition) == expected(status, event))
    }

    @Test(arguments: MessageStatus.allCases, AttemptState.allCases)
    func whatIsKnownAlreadyIsIgnored(status: MessageStatus, known: AttemptState) {
        let kind = self.kind(of: known)
        let transition = snapshot(status).applying(DeliveryEvent(kind), toAttempt: 1, known: known, jitter: 1)
        #expect(transition == .ignore(.late))
    }

    @Test(arguments: ["unused", "uncertain", "transient", "throttled", "account", "permanent"])
    func theEndOfAnEarlierAttemptDoesNotTouchTheMessage(event: String) throws {
        let kind = try #require(events.first { $0.name == event }?.kind)
        let transition = snapshot(.queued, latest: 2).applying(DeliveryEvent(kind), toAttempt: 1, known: nil, jitter: 1)
        #expect(transition == .noteAttempt)
    }

    @Test(arguments: [AttemptState.unused, .uncertain])
    func anEarlierAttemptThatArrivedAfterAllSettlesTheMessage(known: AttemptState) {
        let message = snapshot(.failed, latest: 2)
        #expect(message.applying(DeliveryEvent(.sent), toAttempt: 1, known: known, jitter: 1) == .settle(.sent))
    }

    /// What was in doubt is decided by whoever knows better.
    @Test(arguments: [("unused", "g"), ("transient", "r"), ("throttled", "p"), ("account", "a"), ("permanent", "F")])
    func aLateEndDecidesAboutAnUncertainMessage(event: String, letter: String) throws {
        let kind = try #require(events.first { $0.name == event }?.kind)
        let transition = snapshot(.uncertain).applying(DeliveryEvent(kind), toAttempt: 1, known: .uncertain, jitter: 1)
        #expect(self.letter(of: transition) == letter)
    }

    @Test(arguments: [(nil, 1), (7, 7), (86_400, 3600)] as [(Int?, Int)])
    func aThrottledMessagePausesAsLongAsItIsTold(retryAfter: Int?, seconds: Int) {
        let event = DeliveryEvent(.failed(.throttled, retryAfter: retryAfter.map { .seconds($0) }))
        let transition = snapshot(.queued).applying(event, toAttempt: 1, known: nil, jitter: 1)
        #expect(transition == .pause(.seconds(seconds)))
    }

    @Test(arguments: [
        // It was counted when it was sent.
        ("transient", "f"), ("throttled", "p"), ("account", "a"), ("permanent", "F"), ("unused", "!"),
        ("uncertain", "!"),
    ])
    func whatWasSentCanBeRefusedOnTheWay(event: String, letter: String) throws {
        let kind = try #require(events.first { $0.name == event }?.kind)
        let message = snapshot(.sent, count: 1, isCounted: true)
        let transition = message.applying(DeliveryEvent(kind), toAttempt: 1, known: .sent, jitter: 1)
        #expect(self.letter(of: transition) == letter)
    }

    @Test func whenAnotherAttemptArrivedTheLatestMayFail() {
        let message = MessageSnapshot(
            status: .sent,
            channel: .sms,
            latestAttempt: 2,
            attemptCount: 2,
            retryPolicy: RetryPolicy(delays: []),
            anotherArrived: true
        )
        let event = DeliveryEvent(.failed(.permanent, retryAfter: nil))
        #expect(message.applying(event, toAttempt: 2, known: .sent, jitter: 1) == .noteAttempt)
    }

    @Test func whenNoAttemptIsLeftTheMessageHasFailed() {
        let event = DeliveryEvent(.failed(.transient, retryAfter: nil))
        let delays = RetryPolicy(delays: [.seconds(10), .seconds(30)])
        let waits = (0...2).map { count in
            MessageSnapshot(
                status: .queued,
                channel: .sms,
                latestAttempt: 1,
                attemptCount: count,
                retryPolicy: delays
            ).applying(event, toAttempt: 1, known: nil, jitter: 1)
        }
        #expect(
            waits == [.retry(after: .seconds(10), .counts), .retry(after: .seconds(30), .counts), .settle(.failed)]
        )
    }

    private func snapshot(_ status: MessageStatus, latest: Int = 1, count: Int = 0, isCounted: Bool = false)
        -> MessageSnapshot
    {
        MessageSnapshot(
            status: status,
            channel: .email,
            latestAttempt: latest,
            attemptCount: count,
            retryPolicy: RetryPolicy.Preset.outbox.policy,
            isCounted: isCounted
        )
    }

    private func kind(of state: AttemptState) -> DeliveryEvent.Kind {
        switch state {
        case .unused: .unused
        case .uncertain: .uncertain
        case .sent: .sent
        case .failed: .failed(.permanent, retryAfter: nil)
        case .delivered: .delivered
        case .read: .read
        }
    }

    private func letter(of transition: MessageTransition) -> String {
        switch transition {
        case .ignore: "!"
        case .noteAttempt: "-"
        case .settle(let status): status.rawValue.prefix(1).uppercased()
        case .retry(_, .counts): "r"
        case .retry(_, .free): "f"
        case .pause: "p"
        case .waitForAccount: "a"
        case .giveBack: "g"
        case .hold: "h"
        }
    }

    private func expected(_ status: MessageStatus, _ event: String) -> String? {
        let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let column = rows.first?.firstIndex(of: event) else { return nil }
        return rows.first { $0.first == status.rawValue }?[column + 1]
    }
}
