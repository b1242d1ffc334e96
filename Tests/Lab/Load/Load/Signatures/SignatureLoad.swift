import ArgumentParser
import Foundation

/// `load signatures`: whether the time of a refused signature tells how much of it is right.
struct SignatureLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "signatures",
        abstract: "Compare how long signatures are refused of which the first 0 to 31 bytes are right.",
        discussion: """
            Within this program, with what verifies Meta's webhooks, in an order that chance decides. A comparison that ends at the \
            first wrong byte is measured beside it: where that is not seen, nothing was shown.

            Example, with a release build on an idle machine:
              load signatures --calls 1000000
            """
    )

    @Option(help: "Calls of each of the two comparisons.")
    var calls = 1_000_000

    @Option(help: .init("How far the time may rise from no right byte to 31.", valueName: "percent"))
    var limit = 0.5

    @Option(help: .init("A file for the figures as JSON.", valueName: "file"))
    var json: String?

    func validate() throws {
        guard (10_000...1_000_000_000).contains(self.calls) else {
            throw ValidationError("--calls must be 10000 to 1000000000.")
        }
        guard self.limit > 0 else { throw ValidationError("--limit must be above 0.") }
    }

    func measure() async throws -> Verdict {
        let figures = SignatureFigures(
            ours: SignatureRun(.ours)(calls: self.calls),
            naive: SignatureRun(.naive)(calls: self.calls),
            limit: self.limit
        )
        try Report(title: "load signatures", rows: figures.rows, figures: figures).publish(to: self.json)
        return figures.isAsExpected ? .asExpected : .withFaults
    }
}

/// What `load signatures` found.
struct SignatureFigures: Encodable {
    let ours: Trend
    let naive: Trend
    let limit: Double

    /// A measure that does not see the naive comparison has shown nothing.
    var isAsExpected: Bool { abs(self.ours.risePercent) <= self.limit && self.naive.risePercent > self.limit }

    var rows: [(String, String)] {
        [("ours", self.ours.text), ("ends at the first wrong byte", self.naive.text)] + [
            (
                "as expected",
                self.isAsExpected
                    ? "yes" : "no: ours rises by more than \(Decimals.text(self.limit)) %, or the other one by less"
            )
        ]
    }
}
