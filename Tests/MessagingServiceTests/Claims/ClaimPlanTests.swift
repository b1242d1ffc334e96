import Shared
import Testing

@testable import MessagingService

/// What a lease may take of an account, by the account's flow and what the worker wants.
@Suite struct ClaimPlanTests {
    private let now = AccountFlow.begin

    @Test func anOpenAccountGivesWhatIsWanted() {
        let plan = self.plan()
        #expect(Self.text(of: plan) == ["all 10"])
        #expect(plan.nextAt == nil)
        #expect(!plan.mustBeSaved)
    }

    @Test func withSlotsForOneTimeCodesAloneNothingElseIsTaken() {
        #expect(Self.text(of: self.plan(.urgentOnly, suspects: 1, hasSuspects: true)) == ["urgent 10"])
    }

    @Test(arguments: [(0, ["all 10"]), (1, ["suspect 1", "all 9"])])
    func aSuspectIsTakenByWhoHasNone(suspects: Int, shares: [String]) {
        #expect(Self.text(of: self.plan(suspects: suspects, hasSuspects: true)) == shares)
        #expect(Self.text(of: self.plan(suspects: suspects, hasSuspects: false)) == ["all 10"])
    }

    @Test func aPausedAccountGivesNothingAndHasNoTime() {
        for flow in [AccountFlow.ofTests(), .recovering(), .ofTests(rate: 1, burst: 1)] {
            let plan = self.plan(flow, isPaused: true, suspects: 1, hasSuspects: true)
            #expect(Self.text(of: plan).isEmpty)
            #expect(plan.nextAt == nil)
            #expect(plan.allowance.count == 0)
            #expect(!plan.hasSuspects)
        }
    }

    /// By what was taken of the ten that were wanted: an account rests when its own limits let nothing more pass.
    @Test func anAccountRestsUntilItsLimitsLetMorePass() {
        #expect(self.plan().restEnd(after: 10) == nil)
        #expect(self.plan().restEnd(after: 3) == nil)
        let limited = self.plan(.ofTests(rate: 10, burst: 3))
        #expect(limited.restEnd(after: 3) == limited.allowance.nextAt)
        #expect(limited.allowance.nextAt != nil)
        #expect(limited.restEnd(after: 2) == nil)
        #expect(self.plan(.ofTests(rate: 100, burst: 100)).restEnd(after: 10) == nil)
        #expect(self.plan(isPaused: true).restEnd(after: 0) == .distantFuture)
        // With the next answer more is allowed.
        #expect(self.plan(.ofTests(maxInFlight: 5), inFlight: 5).restEnd(after: 0) == nil)
        #expect(self.plan(.recovering(), inFlight: 50).restEnd(after: 0) == nil)
    }

    @Test func aClosedGateLetsTheAccountRestUntilItsProbe() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.now, jitter: 1)
        let plan = self.plan(flow)
        #expect(plan.restEnd(after: 0) == flow.probeAt)
        #expect(flow.probeAt.map { $0 > self.now } == true)
        // The answer to what is in flight, or to a probe, may open it.
        #expect(self.plan(flow, inFlight: 1).restEnd(after: 0) == nil)
        var old = AccountFlow.ofTests()
        _ = old.hear(.refusal(), now: self.now - .seconds(5), jitter: 1)
        var probing = self.plan(old)
        probing.took([4], jitter: 1)
        #expect(probing.restEnd(after: 1) == nil)
    }

    @Test func theBucketLimitsTheShare() {
        let plan = self.plan(.ofTests(rate: 10, burst: 3))
        #expect(Self.text(of: plan) == ["all 3"])
        #expect(plan.nextAt == plan.allowance.nextAt)
        #expect(
            Self.text(of: self.plan(.ofTests(rate: 10, burst: 3), suspects: 1, hasSuspects: true)) == [
                "suspect 1", "all 2",
            ]
        )
    }

    @Test func theCapLimitsTheShare() {
        #expect(Self.text(of: self.plan(.ofTests(maxInFlight: 5), inFlight: 3)) == ["all 2"])
        let full = self.plan(.ofTests(maxInFlight: 5), inFlight: 5)
        #expect(Self.text(of: full).isEmpty)
        #expect(full.nextAt == self.now + .milliseconds(20))
    }

    @Test func aProbeIsOneMessageAndNamesTheTimeOfTheNext() {
        var flow = AccountFlow.ofTests()
        _ = flow.hear(.refusal(), now: self.now - .seconds(5), jitter: 1)
        var plan = self.plan(flow)
        #expect(Self.text(of: plan) == ["all 1"])
        plan.took([4], jitter: 1)
        #expect(plan.nextAt == self.now + .seconds(2))
        #expect(plan.mustBeSaved)
    }

    @Test func whatIsParkedByAPersonHasNoTime() {
        var flow = AccountFlow.ofTests()
        flow.park(by: "key:1", reason: nil, now: self.now)
        let plan = self.plan(flow)
        #expect(Self.text(of: plan).isEmpty)
        #expect(plan.nextAt == nil)
    }

    @Test func whileRecoveringRepetitionsAreFew() {
        // 8 may be in flight, and one of them may be a repetition.
        #expect(Self.text(of: self.plan(.recovering(answers: 6))) == ["repeated 1", "first 7"])
        var flow = AccountFlow.recovering(answers: 6)
        flow.took(1, repetitions: 1, now: self.now, jitter: 1)
        #expect(Self.text(of: self.plan(flow)) == ["first 8"])
        #expect(Self.text(of: self.plan(.urgentOnly, flow: flow)) == ["urgent 8"])
    }

    /// There may be more than was taken, and nobody says when: it is asked again soon.
    @Test func whoRecoversIsAskedAgainSoon() {
        let plan = self.plan(.recovering())
        #expect(plan.isLimited(after: 0))
        #expect(plan.nextAt == self.now + .milliseconds(100))
        // Of an open account there was no more.
        #expect(!self.plan().isLimited(after: 3))
        #expect(self.plan(.ofTests(rate: 10, burst: 3)).isLimited(after: 3))
        #expect(!self.plan(.ofTests(rate: 10, burst: 3)).isLimited(after: 2))
    }

    /// However many repetitions are allowed, there may be none: messages that were never tried must get on.
    @Test(arguments: 0...10) func whileRecoveringFirstSendsAreNeverShutOut(seconds: Int) {
        let later = self.now + .seconds(seconds)
        let plan = ClaimPlan(
            AccountStanding(flow: .recovering(), provider: .sandbox),
            wanted: 10,
            wish: .anything,
            suspects: 0,
            now: later
        )
        let others = plan.shares.filter { $0.kind == .first || $0.kind == .all }.map(\.limit).reduce(0, +)
        #expect(others > 0, "\(Self.text(of: plan))")
        #expect(plan.shares.map(\.limit).reduce(0, +) <= 2)
    }

    @Test(arguments: [(nil, false), (10.0, true)]) func onlyALimitedAccountIsWrittenAfterAClaim(
        rate: Double?,
        isSaved: Bool
    ) {
        var plan = self.plan(.ofTests(rate: rate, burst: rate))
        #expect(!plan.mustBeSaved)
        plan.took([1], jitter: 1)
        #expect(plan.mustBeSaved == isSaved)
        #expect(plan.flow.tokens == (rate.map { $0 - 1 } ?? 1))
    }

    private func plan(
        _ flow: AccountFlow = .ofTests(),
        inFlight: Int = 0,
        isPaused: Bool = false,
        suspects: Int = 0,
        hasSuspects: Bool = false
    ) -> ClaimPlan {
        ClaimPlan(
            AccountStanding(
                flow: flow,
                provider: .sandbox,
                inFlight: inFlight,
                hasSuspects: hasSuspects,
                isPaused: isPaused
            ),
            wanted: 10,
            wish: .anything,
            suspects: suspects,
            now: self.now
        )
    }

    private func plan(
        _ wish: DueWork.Wish,
        flow: AccountFlow = .ofTests(),
        suspects: Int = 0,
        hasSuspects: Bool = false
    ) -> ClaimPlan {
        ClaimPlan(
            AccountStanding(flow: flow, provider: .sandbox, hasSuspects: hasSuspects),
            wanted: 10,
            wish: wish,
            suspects: suspects,
            now: self.now
        )
    }

    private static func text(of plan: ClaimPlan) -> [String] { plan.shares.map { "\($0.kind) \($0.limit)" } }
}
