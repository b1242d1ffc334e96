/// Figures beside those of an earlier run, by their ratios to what the machine could do in each.
struct Comparison: Sendable {
    /// How much of the earlier ratio must be left.
    static let least = 0.7

    struct Line: Sendable, Equatable {
        let name: String
        let earlier: Double
        /// Nil when it was not measured this time.
        let now: Double?

        /// Of the earlier ratio; nil without one of now.
        var share: Double? { self.now.map { $0 / self.earlier } }

        var isBelow: Bool { self.share.map { $0 < Comparison.least } ?? true }
    }

    /// In the order of the names.
    let lines: [Line]

    /// - Throws: `LoadFailure` when the two can not be compared.
    init(_ now: Results, with earlier: Results) throws(LoadFailure) {
        try Self.check(earlier, now.form, now.build)
        self.lines = earlier.figures.sorted { $0.key < $1.key }.compactMap { name, figure in
            guard let ratio = figure.ratio, ratio > 0 else { return nil }
            return Line(name: name, earlier: ratio, now: now.figures[name]?.ratio)
        }
    }

    /// - Throws: `LoadFailure` when earlier figures can not be compared with those of this form and build.
    static func check(_ earlier: Results, _ form: Form, _ build: Build) throws(LoadFailure) {
        guard form == earlier.form, build == earlier.build else {
            throw LoadFailure(
                """
                The earlier figures are of the \(earlier.form.rawValue) form and a \(earlier.build.rawValue) build, these of the \
                \(form.rawValue) form and a \(build.rawValue) build: they can not be compared.
                """
            )
        }
    }

    var isBelow: Bool { self.lines.contains { $0.isBelow } }

    var rows: [[String]] {
        [["figure", "earlier", "now", "share"]]
            + self.lines.map { line in
                [
                    line.name, Decimals.ratio(line.earlier), line.now.map(Decimals.ratio) ?? "not measured",
                    (line.share.map { Decimals.text($0 * 100) + " %" } ?? "-") + (line.isBelow ? "  BELOW" : ""),
                ]
            }
    }
}
