/// What `load crowd` found.
struct CrowdFigures: Encodable {
    let aloneMs: Percentiles?
    let amongMs: Percentiles?
    /// How much the 99th percentile changes, in percent.
    let change: Double
    let limit: Double
    let outcomes: Outcomes
    /// Of all idle connections, over all stretches.
    let closed: Int

    init(alone: Tally, among: Tally, closed: Int, limit: Double) {
        self.aloneMs = alone.latencies.percentiles
        self.amongMs = among.latencies.percentiles
        let (alone99, among99) = (self.aloneMs?.p99 ?? 0, self.amongMs?.p99 ?? .infinity)
        self.change = alone99 > 0 ? (among99 / alone99 - 1) * 100 : .infinity
        self.limit = limit
        var outcomes = alone.outcomes
        outcomes.add(among.outcomes)
        self.outcomes = outcomes
        self.closed = closed
    }

    var isAsExpected: Bool { self.change <= self.limit && self.outcomes.isAsExpected && self.closed == 0 }

    var rows: [(String, String)] {
        [
            ("alone", self.aloneMs?.text ?? "-"), ("among idle ones", self.amongMs?.text ?? "-"),
            ("p99 changes by", "\(Decimals.text(self.change)) %"),
        ] + self.outcomes.rows + [
            ("idle ones closed", "\(self.closed)"),
            (
                "as expected",
                self.isAsExpected ? "yes" : "no: p99 rises by more than \(Decimals.text(self.limit)) %, or see above"
            ),
        ]
    }
}
