import Testing

@testable import APIGateway

@Suite struct CrowdingCallersTests {
    @Test func whoWasRefusedIsKnownAndNobodyElse() {
        let callers = CrowdingCallers()
        #expect(callers.add("Bearer a", in: 1))
        #expect(callers.add("Bearer b", in: 1))
        #expect(callers.add("Bearer c", in: 2))
        #expect(!callers.add("Bearer a", in: 1))
        #expect(callers.lane(of: "Bearer a") == 1)
        #expect(callers.lane(of: "Bearer b") == 1)
        #expect(callers.lane(of: "Bearer c") == 2)
        #expect(callers.lane(of: "Bearer d") == nil)
    }

    @Test func theyAreForgottenAfterAMinute() {
        let callers = CrowdingCallers()
        let start = ContinuousClock.now
        #expect(callers.add("Bearer a", in: 1, at: start))
        #expect(callers.lane(of: "Bearer a", at: start + .milliseconds(59_999)) == 1)
        #expect(callers.lane(of: "Bearer a", at: start + .seconds(60)) == nil)
        #expect(callers.add("Bearer a", in: 1, at: start + .seconds(60)))
        #expect(callers.lane(of: "Bearer a", at: start + .seconds(60)) == 1)
    }

    @Test func soManyAreKnownAtOnceAndNoMore() {
        let callers = CrowdingCallers()
        let start = ContinuousClock.now
        for number in 0..<CrowdingCallers.most { #expect(callers.add("Bearer \(number)", in: number, at: start)) }
        // One of them makes no room for itself.
        #expect(callers.add("Bearer 1", in: 1, at: start + .seconds(60)))
        #expect(callers.lane(of: "Bearer 0", at: start) == 0)
        #expect(callers.add("Bearer new", in: 1))
        #expect(callers.lane(of: "Bearer 0") == nil)
        #expect(callers.lane(of: "Bearer new") == 1)
    }
}
