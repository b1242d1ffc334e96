/// What `load abuse` found.
struct AbuseFigures: Encodable {
    let quietMs: Percentiles?
    let abusedMs: Percentiles?
    /// How much the 99th percentile rises, in percent.
    let rise: Double
    let limit: Double
    let measured: Outcomes
    let abuser: Outcomes

    init(_ result: AbuseRun.Result, limit: Double) {
        self.quietMs = result.quiet.latencies.percentiles
        self.abusedMs = result.abused.latencies.percentiles
        let (quiet, abused) = (self.quietMs?.p99 ?? 0, self.abusedMs?.p99 ?? .infinity)
        self.rise = quiet > 0 ? (abused / quiet - 1) * 100 : .infinity
        self.limit = limit
        var measured = result.quiet.outcomes
        measured.add(result.abused.outcomes)
        self.measured = measured
        self.abuser = result.abuser.outcomes
    }

    /// An organization that is never refused was not beyond its limit.
    var isAsExpected: Bool {
        self.rise < self.limit && self.measured.isAsExpected
            && self.abuser.statuses.keys.contains { $0.hasPrefix("429") }
    }

    var rows: [(String, String)] {
        [
            ("quiet", self.quietMs?.text ?? "-"), ("abused", self.abusedMs?.text ?? "-"),
            ("p99 rises by", "\(Decimals.text(self.rise)) %"),
        ] + self.measured.rows + self.abuser.rows.map { ("abuser, \($0.0)", $0.1) } + [
            (
                "as expected",
                self.isAsExpected ? "yes" : "no: it rises by \(Decimals.text(self.limit)) % or more, or see above"
            )
        ]
    }
}
