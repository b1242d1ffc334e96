/// Durations, all of them kept, for comparisons in which 0.1 % counts.
struct Samples: Sendable {
    private(set) var nanoseconds: [Int64] = []

    mutating func append(_ duration: Duration) {
        self.nanoseconds.append(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        )
    }

    /// Nil without a sample.
    var percentiles: Percentiles? { Percentiles(of: self.nanoseconds) }
}
