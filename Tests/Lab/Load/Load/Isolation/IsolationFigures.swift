/// What `load isolation` found.
struct IsolationFigures: Encodable {
    /// Of one kind.
    struct Line: Encodable {
        let kind: String
        let foreignMs: Percentiles?
        let unknownMs: Percentiles?
        /// How much the median of the foreign one is above that of the unknown one, in percent.
        let difference: Double
        let differingAnswers: Int

        init(_ comparison: IsolationRun.Comparison) {
            self.kind = comparison.kind
            self.foreignMs = comparison.foreign.percentiles
            self.unknownMs = comparison.unknown.percentiles
            let (foreign, unknown) = (self.foreignMs?.p50 ?? 0, self.unknownMs?.p50 ?? 0)
            self.difference = unknown > 0 ? (foreign / unknown - 1) * 100 : .infinity
            self.differingAnswers = comparison.differing
        }
    }

    let limit: Double
    let lines: [Line]

    init(_ comparisons: [IsolationRun.Comparison], limit: Double) {
        self.limit = limit
        self.lines = comparisons.map(Line.init)
    }

    var isAsExpected: Bool {
        self.lines.allSatisfy { abs($0.difference) <= self.limit && $0.differingAnswers == 0 }
    }

    var rows: [(String, String)] {
        self.lines.map { line in
            let medians =
                "\(Decimals.text(line.foreignMs?.p50 ?? 0)) against \(Decimals.text(line.unknownMs?.p50 ?? 0)) ms"
            let answers = line.differingAnswers == 0 ? "all answers alike" : "\(line.differingAnswers) pairs differ"
            return (line.kind, "p50 \(medians), \(Decimals.text(line.difference)) % apart; \(answers)")
        } + [
            (
                "as expected",
                self.isAsExpected ? "yes" : "no: more than \(Decimals.text(self.limit)) % apart, or not alike"
            )
        ]
    }
}
