/// How fast the messages of a broadcast are made: so many at once, and then nothing for a while.
package struct BroadcastPace: Sendable, Equatable {
    package let batchSize: Int
    package let interval: Duration

    private static var batches: ClosedRange<Int> { 1...10_000 }
    private static var seconds: ClosedRange<Int> { 1...86_400 }

    package init(batchSize: Int, interval: Duration) {
        self.batchSize = batchSize
        self.interval = interval
    }

    /// Reads `batch_size` and `batch_interval_seconds`, of which neither goes without the other; nil where none is given.
    package init?(_ fields: inout JSONFields) {
        let size = fields.int("batch_size", Self.batches)
        let seconds = fields.int("batch_interval_seconds", Self.seconds)
        guard let size, let seconds else {
            if size != nil, !fields.isPresent("batch_interval_seconds") {
                fields.violation(at: "batch_interval_seconds", "is required beside batch_size")
            }
            if seconds != nil, !fields.isPresent("batch_size") {
                fields.violation(at: "batch_size", "is required beside batch_interval_seconds")
            }
            return nil
        }
        self.init(batchSize: size, interval: .seconds(seconds))
    }
}
