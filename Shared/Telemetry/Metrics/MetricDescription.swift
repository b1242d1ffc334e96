/// What is known of a metric before it has a value.
package struct MetricDescription: Sendable, Equatable {
    package enum Kind: String, Sendable {
        /// Only grows, until the process ends; its name ends in `_total`.
        case counter
        case gauge
        /// Counts in buckets with fixed upper bounds; what it measures is in seconds unless its name says otherwise.
        case histogram
    }

    package let name: String
    package let kind: Kind
    /// One sentence, for `# HELP`.
    package let help: String
    /// Upper bounds of the buckets, ascending, without the one that takes all.
    package let buckets: [Double]

    static func counter(_ name: String, _ help: String) -> Self {
        Self(name: name, kind: .counter, help: help, buckets: [])
    }

    static func gauge(_ name: String, _ help: String) -> Self {
        Self(name: name, kind: .gauge, help: help, buckets: [])
    }

    static func histogram(_ name: String, _ help: String, buckets: [Double] = MetricBuckets.calls) -> Self {
        Self(name: name, kind: .histogram, help: help, buckets: buckets)
    }
}

/// Bounds of histograms, in seconds.
enum MetricBuckets {
    /// From what a database answers to the longest that a caller waits.
    static let calls = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// What ought to be at once, and may take hours.
    static let delays = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 7200]
}
