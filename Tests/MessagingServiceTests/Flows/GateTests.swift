import Shared
import Testing

@testable import MessagingService

/// What outcomes do to an account's gate: `hear`, `park` and `open`.
@Suite struct GateTests {
    private let now = AccountFlow.begin
    private let error = ProviderError(code: "190", detail: "Token expired.")

    @Test func aRefusalOfTheAccountParksIt() {
        var flow = AccountFlow.ofTests()
        #expect(flow.hear(.refusal(), now: self.now, jitter: 1) == .parked(self.error))
        #expect(flow.gate == .parked)
        #expect(flow.gateBy == AccountFlow.provider)
        #expect(flow.gateReason == "190: Token expired.")
        #expect(flow.gateSince == self.now)
        #expect(flow.probeAt == self.now + .seconds(1))
    }

    @Test func anotherRefusalChangesTheReasonAlone() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.now, jitter: 1)
        #expect(flow.hear(.refusal("131042"), now: self.now + .seconds(5), jitter: 1) == nil)
        #expect(flow.gateReason == "131042: Token expired.")
        #expect(flow.gateSince == self.now)
        #expect(flow.probeAt == self.now + .seconds(1))
    }

    @Test func onlyASuccessResumesIt() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.now, jitter: 1)
        // A message that was judged says nothing about the account.
        #expect(flow.hear(.answers(5), now: self.now, jitter: 1) == nil)
        #expect(flow.hear(.outages(100), now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .parked)
        #expect(flow.hear(.accepted, now: self.now, jitter: 1) == .resumed)
        #expect(flow == AccountFlow.untroubled(like: flow))
    }

    /// What was accepted while others were refused came from an account that can send.
    @Test func aSuccessBesideARefusalCounts() {
        var flow = AccountFlow.ofTests()
        var news = AccountFlow.News.refusal()
        news.hasAccepted = true
        #expect(flow.hear(news, now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .open)
    }

    @Test func whatAPersonParkedOnlyAPersonResumes() {
        var flow = AccountFlow.ofTests()
        flow.park(by: "key:1", reason: "Invoice", now: self.now)
        #expect(flow.allow(10, inFlight: 0, now: self.now + .seconds(86_400)) == .none(until: nil))
        for news: AccountFlow.News in [.accepted, .answers(9), .outages(99), .refusal()] {
            #expect(flow.hear(news, now: self.now, jitter: 1) == nil)
        }
        #expect(flow.gate == .parked)
        #expect(flow.gateBy == "key:1")
        #expect(flow.gateReason == "Invoice")
        #expect(flow.probeAt == nil)
        flow.open()
        #expect(flow == AccountFlow.untroubled(like: flow))
        #expect(flow.allow(10, inFlight: 0, now: self.now).count == 10)
    }

    @Test func aPersonMayParkWhatTheProviderParked() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.now, jitter: 1)
        flow.park(by: "key:1", reason: nil, now: self.now)
        #expect(flow.probeAt == nil)
        #expect(flow.hear(.accepted, now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .parked)
    }

    @Test func twentyFailuresInARowAreAnOutage() {
        var flow = AccountFlow.ofTests()
        #expect(flow.hear(.outages(19), now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .open)
        #expect(flow.hear(.outages(1), now: self.now, jitter: 1) == .outageBegan)
        #expect(flow.gate == .outage)
        #expect(flow.probeAt == self.now + .seconds(1))
    }

    @Test func anAnswerInBetweenIsNoOutage() {
        var flow = AccountFlow.ofTests()
        for _ in 0..<5 {
            #expect(flow.hear(.outages(19), now: self.now, jitter: 1) == nil)
            #expect(flow.hear(.answers(1), now: self.now, jitter: 1) == nil)
        }
        #expect(flow.gate == .open)
        #expect(flow.failures == 0)
    }

    @Test func anOutageGoesOnUntilTheProviderAnswers() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.outages(20), now: self.now, jitter: 1)
        #expect(flow.hear(.outages(3), now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .outage)
        // Even one that judges a message only: the provider is there.
        #expect(flow.hear(.answers(1), now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .recovering)
        #expect(flow.ramp == 2)
        #expect(flow.probeAt == nil)
    }

    @Test func itHasRecoveredWhenSixtyFourMayBeInFlight() {
        var flow = AccountFlow.recovering()
        #expect(flow.hear(.answers(61), now: self.now, jitter: 1) == nil)
        #expect(flow.gate == .recovering)
        #expect(flow.hear(.answers(1), now: self.now, jitter: 1) == .outageEnded)
        #expect(flow == AccountFlow.untroubled(like: flow))
    }

    /// With few messages there are few answers.
    @Test(arguments: [(59, AccountFlow.Gate.recovering), (60, .open)])
    func afterAMinuteItHasRecoveredToo(seconds: Int, gate: AccountFlow.Gate) {
        var flow = AccountFlow.recovering()
        let change = flow.hear(.answers(1), now: self.now + .seconds(seconds), jitter: 1)
        #expect(flow.gate == gate)
        #expect(change == (gate == .open ? .outageEnded : nil))
    }

    @Test(arguments: [(5, 5, AccountFlow.Gate.recovering), (5, 6, .outage), (0, 1, .outage), (6, 5, .recovering)])
    func moreFailuresThanAnswersAreAnOutageAgain(answers: Int, outages: Int, gate: AccountFlow.Gate) {
        var flow = AccountFlow.recovering()
        var news = AccountFlow.News.answers(answers)
        news.outages = outages
        #expect(flow.hear(news, now: self.now, jitter: 1) == nil)
        #expect(flow.gate == gate)
    }

    @Test func whatFallsBackIntoAnOutageIsTriedEverMoreSeldom() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.outages(20), now: self.now, jitter: 1)
        for _ in 0..<3 { flow.took(1, repetitions: 0, now: self.now, jitter: 1) }
        _ = flow.hear(.answers(1), now: self.now, jitter: 1)
        _ = flow.hear(.outages(1), now: self.now, jitter: 1)
        #expect(flow.probeAt == self.now + .seconds(8))
        #expect(flow.gateSince == self.now)
    }

    @Test(arguments: [nil, 10.0]) func aPauseHoldsTheWholeAccount(rate: Double?) {
        var flow = AccountFlow.ofTests(rate: rate, burst: rate)
        #expect(flow.hear(.pause(.seconds(5)), now: self.now, jitter: 1) == nil)
        let end = self.now + .seconds(5)
        #expect(flow.gate == .open)
        #expect(flow.allow(10, inFlight: 0, now: self.now + .seconds(4)) == .none(until: end))
        // The bucket does not fill meanwhile: it was too much.
        #expect(flow.allow(10, inFlight: 0, now: end).count == (rate == nil ? 10 : 1))
    }

    @Test func aShorterPauseDoesNotEndALongerOne() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.pause(.seconds(60)), now: self.now, jitter: 1)
        _ = flow.hear(.pause(.seconds(1)), now: self.now, jitter: 1)
        #expect(flow.allow(1, inFlight: 0, now: self.now + .seconds(59)).count == 0)
    }
}

extension AccountFlow {
    /// The same account as if nothing had ever happened to its gate.
    fileprivate static func untroubled(like flow: AccountFlow) -> AccountFlow {
        var fresh = AccountFlow(
            account: flow.account,
            limits: flow.limits,
            tokens: flow.tokens,
            refilledAt: flow.refilledAt
        )
        fresh.retryCredit = flow.retryCredit
        return fresh
    }
}
