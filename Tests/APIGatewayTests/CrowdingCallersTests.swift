import Testing

@testable import APIGateway

@Suite struct CrowdingCallersTests {
    @Test func whoWasRefusedIsKnownAndNobodyElse() {
        let callers = CrowdingCallers()
        callers.add("Bearer a", in: 1)
        callers.add("Bearer b", in: 1)
        callers.add("Bearer c", in: 2)
        #expect(callers.lane(of: "Bearer a") == 1)
        #expect(callers.lane(of: "Bearer b") == 1)
        #expect(callers.lane(of: "Bearer c") == 2)
        #expect(callers.lane(of: "Bearer d") == nil)
    }

    @Test func theyAreNotRememberedWithoutEnd() {
        let callers = CrowdingCallers()
        for number in 0..<CrowdingCallers.most { callers.add("Bearer \(number)", in: number) }
        #expect(callers.lane(of: "Bearer 0") == 0)
        callers.add("Bearer new", in: 1)
        #expect(callers.lane(of: "Bearer 0") == nil)
        #expect(callers.lane(of: "Bearer new") == 1)
    }
}
