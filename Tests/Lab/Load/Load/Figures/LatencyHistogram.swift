import Histogram

/// Durations in a histogram of three significant digits: a percentile is at most 0.1 % off, however many there are.
struct LatencyHistogram: Sendable {
    /// What takes longer counts as this long, in microseconds: no request is waited for so long.
    private static let longest: UInt64 = 600_000_000

    private var histogram = Histogram<UInt64>(
        highestTrackableValue: Self.longest,
        numberOfSignificantValueDigits: .three
    )

    var count: Int { Int(self.histogram.totalCount) }

    mutating func append(_ duration: Duration) {
        self.histogram.record(min(UInt64(max(0, duration / .microseconds(1))), Self.longest))
    }

    mutating func append(contentsOf other: Self) {
        self.histogram.add(other.histogram)
    }

    /// Nil without a sample.
    var percentiles: Percentiles? {
        guard self.count > 0 else { return nil }
        return Percentiles(
            samples: self.count,
            p50: self.milliseconds(50),
            p90: self.milliseconds(90),
            p99: self.milliseconds(99),
            max: self.milliseconds(100)
        )
    }

    private func milliseconds(_ percent: Double) -> Double {
        Double(self.histogram.valueAtPercentile(percent)) / 1000
    }
}
