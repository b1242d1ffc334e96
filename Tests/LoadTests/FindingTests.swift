import Foundation
import Testing

@testable import Load

/// What scenarios make of what they saw.
@Suite struct FindingTests {
    @Test(
        arguments: [([0, 1, 2, 4], 0.75), ([0, 0.5], 2), ([1], 0), ([], 0), ([3, 3, 3], 0)] as [([Double], Double)]
    )
    func aDrainIsTimedFromItsFirstArrival(seconds: [Double], perSecond: Double) {
        #expect(MeasureDrain.perSecond(seconds.shuffled().map { Date(timeIntervalSince1970: $0) }) == perSecond)
    }

    @Test(
        arguments: [
            ([0, 1, 2], 3, [String]()), ([0, 1, 1], 3, ["1 messages never arrived", "1 messages arrived twice"]),
            ([0, 1], 2, ["1 of 3 messages were not created"]),
        ] as [([Int], Int, [String])]
    )
    func lostAndDoubledMessagesAreSaid(numbers: [Int], accepted: Int, faults: [String]) {
        #expect(MeasureDrain.faults(numbers, accepted: accepted, of: 3) == faults)
    }

    @Test func theGrowthOfMemoryLeavesItsBeginningOut() {
        var memory = MemorySamples()
        for sum in [10.0, 60, 100, 100, 100, 100, 110, 120] { memory.add(["a": sum / 4, "b": sum * 3 / 4]) }
        memory.add([:])
        #expect(memory.most == 120)
        #expect(abs(memory.growth - 15) < 0.001)
        #expect(memory.largest.name == "b")
        #expect(memory.largest.megabytes == 90)
        #expect(MemorySamples().growth == 0)
    }

    @Test(arguments: [
        ("Name:\tload\nVmRSS:\t  204800 kB\nThreads: 3", 200.0 as Double?), ("VmRSS: none", nil), ("", nil),
    ])
    func memoryIsReadAsTheKernelWritesIt(text: String, megabytes: Double?) {
        #expect(ResidentMemory.megabytes(inStatus: text) == megabytes)
    }

    @Test func theSlowestPartIsComparedWithTheFirst() {
        let start = ContinuousClock.now
        // 100 a second, 50 in the second part, 100 again; the wait before the first part is left out.
        var looks = [Deliveries.Look(at: start, accepted: 0)]
        var accepted = 0
        for second in 1...11 {
            accepted += (5...6).contains(second) ? 50 : 100
            looks.append(Deliveries.Look(at: start + .seconds(second), accepted: accepted))
        }
        let share = SoakScenario.slowest(SoakScenario.rates(looks, after: .seconds(1), each: .seconds(3)))
        #expect(share == 0.5)
        #expect(SoakScenario.slowest(SoakScenario.rates(looks, after: .seconds(1), each: .seconds(10))) == 0)
        #expect(SoakScenario.slowest(SoakScenario.rates([], after: .zero, each: .seconds(1))) == 0)
    }

    @Test(arguments: [(0, 0, 100.0), (5, 10, 50), (10, 10, 100)])
    func refusalsAreAShareOfWhatWasNotCreated(proper: Int, others: Int, percent: Double) {
        #expect(OverloadScenario.share(of: proper, in: others) == percent)
    }

    @Test func onlyAnInternalErrorIsAFaultOfOverload() throws {
        var outcomes = Outcomes()
        for status in [202, 429, 503, 500, 500] {
            outcomes.count(LoadAnswer(status: status, body: Data()), expected: 202)
        }
        #expect(OverloadScenario.faults(outcomes) == ["2 creates were answered 500"])
    }

    @Test func claimsAreTakenFromTheMetrics() throws {
        let text = """
            # HELP herald_leases_total Messages that were leased.
            herald_claim_duration_seconds_sum 1.5
            herald_claim_duration_seconds_count 3
            herald_leases_total{priority="otp"} 10
            herald_leases_total{priority="marketing"} 20
            herald_leases_totally{priority="marketing"} 40
            """
        let first = ClaimTime(metrics: text)
        #expect(first == ClaimTime(seconds: 1.5, messages: 30))
        #expect(ClaimTime.perMessage(from: first, to: ClaimTime(seconds: 3.5, messages: 40)) == 0.2)
        #expect(ClaimTime.perMessage(from: first, to: first) == nil)
    }

    @Test func acceptedMessagesOfABatchAreCounted() {
        let body = Data(#"{"data":[{"status":202,"id":"1"},{"status":422},{"status":202}]}"#.utf8)
        #expect(CreateBatch.accepted(in: body) == 2)
        #expect(CreateBatch.accepted(in: Data()) == 0)
        let refused = Data(#"{"data":[{"status":503,"error":{"code":"unavailable","title":"x"}}]}"#.utf8)
        #expect(CreateBatch.firstProblem(in: refused) == "unavailable")
        #expect(CreateBatch.firstProblem(in: body) == nil)
    }
}
