/// What `load create` found.
struct CreateFigures: Encodable {
    let connections: Int
    /// Creates that were to be sent in a second; nil where each connection waited for its last answer.
    let offeredPerSecond: Int?
    let seconds: Int
    let channel: LoadChannel
    let created: Int
    let createsPerSecond: Double
    /// Until the whole answer, from before the request; at a rate from the moment at which it was to be sent.
    let latencyMs: Percentiles?
    /// Of everything answered in the measured time.
    let outcomes: Outcomes
    /// Processor cores that load itself kept busy.
    let loadCores: Double

    init(_ tally: Tally, of command: CreateLoad, cores: Double) {
        self.connections = command.connections
        self.offeredPerSecond = command.rate
        self.seconds = command.seconds
        self.channel = command.channel
        self.created = tally.latencies.count
        self.createsPerSecond = Double(self.created) / Double(command.seconds)
        self.latencyMs = tally.latencies.percentiles
        self.outcomes = tally.outcomes
        self.loadCores = cores
    }

    var rows: [(String, String)] {
        [
            ("connections", "\(self.connections)"), ("offered", self.offeredPerSecond.map { "\($0)/s" } ?? "-"),
            ("measured", "\(self.seconds) s"), ("created", "\(self.created)"),
            ("creates per second", Decimals.text(self.createsPerSecond)), ("latency", self.latencyMs?.text ?? "-"),
        ] + self.outcomes.rows + [("cores used by load", Decimals.text(self.loadCores))]
    }
}
