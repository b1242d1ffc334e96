import Logging

/// Failures in a row of what is tried many times a second: the first is worth a line, and then one now and then.
struct FailureCount {
    private static let between = 200
    private var count = 0

    mutating func succeeded() { self.count = 0 }

    /// Says what failed, unless it was said lately or the process is stopping.
    mutating func failed(_ sentence: Logger.Message, _ error: any Error, _ logger: Logger) {
        guard !(error is CancellationError) else { return }
        if self.count % Self.between == 0 {
            logger.warning(sentence, metadata: ["error": "\(error)", "failures": "\(self.count + 1)"])
        }
        self.count += 1
    }
}
