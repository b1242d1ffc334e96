package import Foundation

/// Measured times, and where they lie by nearest rank: each is one that was measured.
package struct Latencies {
    private let sorted: [Double]

    package init(milliseconds: [Double]) {
        self.sorted = milliseconds.sorted()
    }

    /// From the moment each id was noted to the moment the provider took it; what it never took is missing.
    package init(from starts: [(id: String, at: Date)], to handed: HandedOver) {
        self.init(
            milliseconds: starts.compactMap { start in
                handed.firstAt[start.id].map { $0.timeIntervalSince(start.at) * 1000 }
            }
        )
    }

    package var count: Int { self.sorted.count }

    /// In milliseconds; infinite when nothing was measured.
    package func percentile(_ percent: Int) -> Double {
        guard !self.sorted.isEmpty else { return .infinity }
        return self.sorted[max((self.sorted.count * percent + 99) / 100 - 1, 0)]
    }

    /// For a test's line of figures.
    package var text: String {
        guard let last = self.sorted.last else { return "nothing measured" }
        let (middle, high) = (Int(self.percentile(50).rounded()), Int(self.percentile(99).rounded()))
        return "p50 \(middle) ms, p99 \(high) ms, max \(Int(last.rounded())) ms (\(self.count))"
    }
}
