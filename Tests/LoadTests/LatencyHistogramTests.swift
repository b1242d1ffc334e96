import Testing

@testable import Load

@Suite struct LatencyHistogramTests {
    /// Against the exact percentiles of the same samples, over five orders of magnitude.
    @Test(arguments: [1, 100, 9999])
    func aPercentileIsAtMostATenthOfAPercentOff(count: Int) throws {
        var generator = SystemRandomNumberGenerator()
        var (histogram, samples) = (LatencyHistogram(), Samples())
        for _ in 0..<count {
            let exponent = Double.random(in: 2...7, using: &generator)
            let duration = Duration.microseconds(Int64(Self.power(of: exponent)))
            histogram.append(duration)
            samples.append(duration)
        }
        let (found, exact) = (try #require(histogram.percentiles), try #require(samples.percentiles))
        #expect(found.samples == count)
        #expect(found.max == exact.max)
        for (one, other) in [(found.p50, exact.p50), (found.p90, exact.p90), (found.p99, exact.p99)] {
            #expect(abs(one / other - 1) <= 0.001, "\(one) for \(other)")
        }
    }

    @Test func nothingHasNoPercentiles() {
        #expect(LatencyHistogram().percentiles == nil)
        #expect(Samples().percentiles == nil)
    }

    @Test func whatTakesLongerThanAnythingIsCounted() throws {
        var histogram = LatencyHistogram()
        histogram.append(.seconds(10_000))
        histogram.append(.seconds(-1))
        let percentiles = try #require(histogram.percentiles)
        #expect(percentiles.samples == 2)
        #expect(percentiles.max == 600_000)
        #expect(percentiles.p50 == 0)
    }

    @Test func twoAreAddedUp() throws {
        var (one, other) = (LatencyHistogram(), LatencyHistogram())
        for number in 1...100 { one.append(.milliseconds(number)) }
        for number in 101...200 { other.append(.milliseconds(number)) }
        one.append(contentsOf: other)
        let percentiles = try #require(one.percentiles)
        #expect(percentiles.samples == 200)
        #expect(percentiles.max == 200)
        #expect(abs(percentiles.p50 - 100) <= 0.1)
    }

    /// Nearest rank: of ten samples the 99th percentile is the last.
    @Test(
        arguments: [([1], 1.0, 1.0), ([3, 1, 2], 2, 3), (Array(1...10), 5, 10), (Array(1...200), 100, 198)]
            as [([Int64], Double, Double)]
    )
    func exactPercentilesAreSamples(milliseconds: [Int64], p50: Double, p99: Double) throws {
        let percentiles = try #require(Percentiles(of: milliseconds.map { $0 * 1_000_000 }))
        #expect(percentiles.p50 == p50)
        #expect(percentiles.p99 == p99)
    }

    private static func power(of exponent: Double) -> Double {
        var value = 1.0
        for _ in 0..<Int(exponent) { value *= 10 }
        return value * (1 + 9 * (exponent - Double(Int(exponent))))
    }
}
