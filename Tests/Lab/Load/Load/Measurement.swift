import ArgumentParser

/// A command that measures something.
protocol Measurement: ParsableCommand, Sendable {
    /// Measures, and prints the figures.
    ///
    /// - Throws: `LoadFailure` when it could not measure.
    func measure() async throws -> Verdict
}

/// Whether everything that was measured was as it should be.
enum Verdict: Sendable {
    case asExpected
    /// There were errors, losses or doubles: the figures say which.
    case withFaults
}

/// Why nothing could be measured.
struct LoadFailure: Error {
    /// What to change.
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }
}
