/// What `load idle` found.
struct IdleFigures: Encodable {
    let channel: LoadChannel
    let samples: Int
    let missing: Int
    /// From before the create call to the provider.
    let toProviderMs: Percentiles?
    /// Of the create call alone.
    let createMs: Percentiles?
    let outcomes: Outcomes

    init(_ tally: IdleRun.Tally, of command: IdleLoad) {
        self.channel = command.channel
        self.samples = command.samples
        self.missing = tally.missing
        self.toProviderMs = tally.arrivals.percentiles
        self.createMs = tally.creates.percentiles
        self.outcomes = tally.outcomes
    }

    var isAsExpected: Bool { self.missing == 0 && self.toProviderMs != nil && self.outcomes.isAsExpected }

    var rows: [(String, String)] {
        [
            ("channel", self.channel.rawValue), ("messages", "\(self.samples)"), ("missing", "\(self.missing)"),
            ("create call to provider", self.toProviderMs?.text ?? "-"), ("create call", self.createMs?.text ?? "-"),
        ] + self.outcomes.rows
    }
}
