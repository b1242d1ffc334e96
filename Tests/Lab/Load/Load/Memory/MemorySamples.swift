/// The memory of some processes over time, in MB.
struct MemorySamples: Sendable {
    private(set) var sums: [Double] = []
    /// The most that a single process had, and which.
    private(set) var largest = (name: "", megabytes: 0.0)

    mutating func add(_ megabytes: [String: Double]) {
        guard !megabytes.isEmpty else { return }
        self.sums.append(megabytes.values.reduce(0, +))
        if let most = megabytes.max(by: { $0.value < $1.value }), most.value > self.largest.megabytes {
            self.largest = (most.key, most.value)
        }
    }

    /// The most that all had together.
    var most: Double { self.sums.max() ?? 0 }

    /// How much more the last quarter has than the second, in percent; 0 with fewer than four samples.
    ///
    /// The first quarter fills caches and opens connections.
    var growth: Double {
        let quarter = self.sums.count / 4
        guard quarter > 0 else { return 0 }
        let second = Self.mean(self.sums[quarter..<2 * quarter])
        return (Self.mean(self.sums.suffix(quarter)) / second - 1) * 100
    }

    private static func mean(_ values: ArraySlice<Double>) -> Double {
        values.reduce(0, +) / Double(values.count)
    }
}
