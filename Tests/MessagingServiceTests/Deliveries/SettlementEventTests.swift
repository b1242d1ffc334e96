import InternalAPI
import Shared
import Testing

@testable import MessagingService

/// What an event about an attempt makes of its message: `Settlement.apply`.
@Suite struct SettlementEventTests {
    private static let now = StoredMessage.now
    private let holding = Settlement.Holding(hold: .seconds(120))
    private let error = ProviderError(code: "timeout", detail: "No answer.")

    @Test(arguments: [(Channel.sms, 10), (.whatsapp, 120), (.email, 120), (.sandbox, 120)])
    func anUncertainMessageIsLookedUpWhereThatIsPossible(channel: Channel, seconds: Int) {
        var settlement = Settlement(.standing(.leased, channel: channel, canBeAsked: channel == .sms), attempts: [])
        let transition = self.apply(.uncertain, to: &settlement)
        #expect(transition == .hold)
        #expect(settlement.status == .uncertain)
        let (until, check) = (Self.now + .seconds(120), Self.now + .seconds(seconds))
        #expect(settlement.move == .hold(until: until, nextCheck: check))
    }

    @Test func aHoldThatIsShorterEndsBeforeTheFirstLookUp() {
        var settlement = Settlement(.standing(.leased), attempts: [])
        _ = settlement.apply(self.event(.uncertain), now: Self.now, jitter: 1, holding: .init(hold: .seconds(3)))
        let until = Self.now + .seconds(3)
        #expect(settlement.move == .hold(until: until, nextCheck: until))
    }

    @Test func whatLeftNothingIsAsDueAsBeforeAndDoesNotCount() {
        var settlement = Settlement(.standing(.leased), attempts: [])
        #expect(self.apply(.unused, to: &settlement, from: .givenBack) == .giveBack)
        #expect(settlement.status == .queued)
        #expect(settlement.move == .giveBack)
        #expect(settlement.attemptCount == 0)
        #expect(settlement.attempts[1]?.state == .unused)
        #expect(settlement.crash == .none)
    }

    @Test(arguments: [0, 3, 7, 8, 9]) func theNinthCrashBeforeItLeftFailsIt(crashes: Int) {
        var settlement = Settlement(.standing(.leased, crashes: crashes), attempts: [])
        _ = self.apply(.unused, to: &settlement, from: .recovery)
        let isPoisonous = crashes >= 8
        #expect(settlement.status == (isPoisonous ? .failed : .queued))
        #expect(settlement.error?.0.code == (isPoisonous ? "poisonous" : nil))
        #expect(settlement.crash == .recovered(mayHaveBegun: false))
    }

    /// Silence had counted this crash before: the worker's next life tells of no other.
    @Test(arguments: [1, 7, 8, 9]) func aCrashIsCountedOnce(crashes: Int) {
        let attempt = Settlement.Attempt(number: 1, state: .uncertain)
        var settlement = Settlement(.standing(.uncertain, crashes: crashes), attempts: [attempt])
        _ = self.apply(.unused, to: &settlement, from: .recovery)
        #expect(settlement.status == (crashes >= 9 ? .failed : .queued))
    }

    @Test(arguments: [0, 6, 9]) func aCrashThatMayHaveSentItLeavesItUncertain(crashes: Int) {
        let cases: [(AttemptEvent.Source, Settlement.Crash)] = [
            (.crash, .counted), (.recovery, .recovered(mayHaveBegun: true)),
        ]
        for (source, crash) in cases {
            var settlement = Settlement(.standing(.leased, crashes: crashes), attempts: [])
            #expect(self.apply(.uncertain, to: &settlement, from: source) == .hold)
            #expect(settlement.status == .uncertain)
            #expect(settlement.crash == crash)
        }
    }

    @Test func whatAWorkerTellsEndsTheSuspicion() {
        var settlement = Settlement(.standing(.leased, crashes: 2), attempts: [])
        let source = AttemptEvent.Source.worker(name: "worker-1", startedAt: Self.now, endedAt: Self.now)
        _ = self.apply(.failed(.transient, retryAfter: nil), to: &settlement, from: source)
        #expect(settlement.crash == .forgotten)
        #expect(settlement.move == .retry(after: .seconds(10)))
    }

    /// What is told of an earlier attempt says nothing about the one that is in a worker's hands.
    @Test func theEndOfAnEarlierAttemptDoesNot() {
        let attempts = [Settlement.Attempt(number: 1, state: .uncertain)]
        var settlement = Settlement(.standing(.leased, crashes: 2, epoch: 2), attempts: attempts)
        let source = AttemptEvent.Source.worker(name: "worker-1", startedAt: Self.now, endedAt: Self.now)
        #expect(self.apply(.failed(.transient, retryAfter: nil), to: &settlement, from: source) == .noteAttempt)
        #expect(settlement.crash == .none)
        #expect(settlement.move == nil)
    }

    @Test(arguments: [
        ("throttled", QueueMove.stay(after: .seconds(1)), 0), ("transient", .retry(after: .seconds(10)), 1),
        ("account", .stay(after: .seconds(1)), 0),
    ])
    func onlyATransientFailureCountsAndMayGiveUpThePlace(name: String, move: QueueMove, count: Int) throws {
        let failureClass = try #require(FailureClass(rawValue: name))
        var settlement = Settlement(.standing(.leased), attempts: [])
        _ = self.apply(.failed(failureClass, retryAfter: nil), to: &settlement)
        #expect(settlement.move == move)
        #expect(settlement.attemptCount == count)
        #expect(settlement.error?.0 == self.error)
        #expect(settlement.attempts[1]?.failureClass == failureClass)
    }

    /// It was counted when it was sent; of the failures that are reported later only a transient one is the message's own.
    @Test(arguments: [("throttled", 0), ("account", 0), ("transient", 1)])
    func whatTurnsOutToBeNoAttemptOfTheMessageLeavesTheCount(name: String, count: Int) throws {
        let failureClass = try #require(FailureClass(rawValue: name))
        let attempt = Settlement.Attempt(number: 1, state: .sent)
        var settlement = Settlement(.standing(.sent, attemptCount: 1), attempts: [attempt])
        _ = self.apply(.failed(failureClass, retryAfter: nil), to: &settlement, from: .provider(eventKey: "failed"))
        #expect(settlement.status == .queued)
        #expect(settlement.attemptCount == count)
    }

    /// It was counted when it was given up and the message was to be sent again.
    @Test func whatNeverLeftIsTakenOutOfTheCount() {
        var attempt = Settlement.Attempt(number: 1, state: .uncertain)
        attempt.retryAt = Self.now
        var settlement = Settlement(.standing(.ready, attemptCount: 1), attempts: [attempt])
        #expect(self.apply(.unused, to: &settlement, from: .recovery) == .giveBack)
        #expect(settlement.attemptCount == 0)
    }

    @Test func theAttemptKeepsWhoHadIt() {
        var settlement = Settlement(.standing(.leased), attempts: [])
        _ = self.apply(.uncertain, to: &settlement, from: .leaseEnd)
        #expect(settlement.attempts[1]?.worker == "worker-1")
        #expect(settlement.attempts[1]?.startedAt == Self.now)
    }

    @Test func whatIsKnownAlreadyChangesNothing() {
        let attempt = Settlement.Attempt(number: 1, state: .sent, worker: "worker-1")
        var settlement = Settlement(.standing(.sent), attempts: [attempt])
        #expect(self.apply(.sent, to: &settlement) == .ignore(.late))
        #expect(!settlement.isChanged)
    }

    private func apply(
        _ kind: DeliveryEvent.Kind,
        to settlement: inout Settlement,
        from source: AttemptEvent.Source = .leaseEnd
    ) -> MessageTransition {
        settlement.apply(self.event(kind, from: source), now: Self.now, jitter: 1, holding: self.holding)
    }

    private func event(_ kind: DeliveryEvent.Kind, from source: AttemptEvent.Source = .leaseEnd) -> AttemptEvent {
        AttemptEvent(
            orgID: .new(),
            reference: AttemptReference(messageID: .new(), number: 1),
            event: DeliveryEvent(kind, error: self.error),
            source: source
        )
    }
}
