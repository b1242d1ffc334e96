/// Where samples lie, in milliseconds.
struct Percentiles: Sendable, Equatable, Encodable {
    let samples: Int
    let p50: Double
    let p90: Double
    let p99: Double
    let max: Double

    var text: String {
        "p50 \(Decimals.text(self.p50))  p90 \(Decimals.text(self.p90))  p99 \(Decimals.text(self.p99))  "
            + "max \(Decimals.text(self.max)) ms"
    }
}

extension Percentiles {
    /// By nearest rank: each is a sample that was measured, none is interpolated.
    ///
    /// Takes nanoseconds in any order; nil when there are none.
    init?(of nanoseconds: [Int64]) {
        let sorted = nanoseconds.sorted()
        guard let last = sorted.last else { return nil }
        func rank(_ percent: Int) -> Double {
            // The smallest sample that at least `percent` of all do not exceed.
            Double(sorted[(sorted.count * percent + 99) / 100 - 1]) / 1_000_000
        }
        self.init(
            samples: sorted.count,
            p50: rank(50),
            p90: rank(90),
            p99: rank(99),
            max: Double(last) / 1_000_000
        )
    }
}
