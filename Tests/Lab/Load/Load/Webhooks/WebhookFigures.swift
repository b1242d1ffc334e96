/// What `load webhooks` found.
struct WebhookFigures: Encodable {
    /// What half, and nearly all, of the acknowledgements must stay below, in milliseconds.
    private static let target = (p50: 5.0, p99: 50.0)

    let eventsPerSecond: Int
    let eventsPerWebhook: Int
    let seconds: Int
    let statusPercent: Int
    /// From the planned moment of sending to the whole answer.
    let latencyMs: Percentiles?
    let outcomes: Outcomes
    let acknowledgedMessages: Int
    let lost: Int
    let doubled: Int
    let caughtUpSeconds: Double?
    let isWithinTarget: Bool
    /// Processor cores that load itself kept busy.
    let loadCores: Double

    init(_ result: WebhookRun.Result, _ effects: CountEffects.Effects, of command: WebhookLoad, cores: Double) {
        self.eventsPerSecond = command.rate
        self.eventsPerWebhook = command.batch
        self.seconds = command.seconds
        self.statusPercent = command.statuses
        let percentiles = result.tally.latencies.percentiles
        self.latencyMs = percentiles
        self.outcomes = result.tally.outcomes
        self.acknowledgedMessages = result.messages.count
        self.lost = effects.lost
        self.doubled = effects.doubled
        self.caughtUpSeconds = effects.caughtUp.map { $0 / .seconds(1) }
        self.isWithinTarget = percentiles.map { $0.p50 < Self.target.p50 && $0.p99 < Self.target.p99 } ?? false
        self.loadCores = cores
    }

    /// Every webhook was acknowledged, and has its effect once; how soon is a matter of the machine.
    var isAsExpected: Bool {
        self.outcomes.isAsExpected && self.lost == 0 && self.doubled == 0 && self.latencyMs != nil
    }

    var rows: [(String, String)] {
        [
            ("events per second", "\(self.eventsPerSecond), \(self.statusPercent) % of them statuses"),
            ("events per webhook", "\(self.eventsPerWebhook)"), ("measured", "\(self.seconds) s"),
            ("acknowledged after", self.latencyMs?.text ?? "-"),
            ("target", "p50 < 5 ms, p99 < 50 ms: " + (self.isWithinTarget ? "met" : "missed")),
        ] + self.outcomes.rows + [
            ("messages acknowledged", "\(self.acknowledgedMessages)"), ("lost", "\(self.lost)"),
            ("doubled", "\(self.doubled)"),
            ("all there after", self.caughtUpSeconds.map { Decimals.text($0) + " s" } ?? "not within the patience"),
            ("cores used by load", Decimals.text(self.loadCores)),
        ]
    }
}
