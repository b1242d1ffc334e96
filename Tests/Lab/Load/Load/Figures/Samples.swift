/// Durations, all of them kept, so that percentiles are exact.
struct Samples: Sendable {
    private(set) var nanoseconds: [Int64] = []

    mutating func append(_ duration: Duration) {
        self.nanoseconds.append(
            duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
        )
    }

    mutating func append(contentsOf other: Samples) {
        self.nanoseconds += other.nanoseconds
    }

    /// Nil without a sample.
    var percentiles: Percentiles? { Percentiles(of: self.nanoseconds) }
}
