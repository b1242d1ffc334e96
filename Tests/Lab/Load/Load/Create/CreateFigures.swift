/// What `load create` found.
struct CreateFigures: Encodable {
    let connections: Int
    let seconds: Int
    let channel: LoadChannel
    let created: Int
    let createsPerSecond: Double
    /// From before the request until its whole answer; of the messages that were created in the measured time.
    let latencyMs: Percentiles?
    /// Of everything answered in the measured time.
    let outcomes: Outcomes
    /// Processor cores that load itself kept busy.
    let loadCores: Double

    init(_ result: CreateRun.Tally, of command: CreateLoad, cores: Double) {
        self.connections = command.connections
        self.seconds = command.seconds
        self.channel = command.channel
        self.created = result.latencies.nanoseconds.count
        self.createsPerSecond = Double(self.created) / Double(command.seconds)
        self.latencyMs = result.latencies.percentiles
        self.outcomes = result.outcomes
        self.loadCores = cores
    }

    var rows: [(String, String)] {
        [
            ("connections", "\(self.connections)"), ("measured", "\(self.seconds) s"),
            ("created", "\(self.created)"), ("creates per second", Decimals.text(self.createsPerSecond)),
            ("latency", self.latencyMs?.text ?? "-"),
        ] + self.outcomes.rows + [("cores used by load", Decimals.text(self.loadCores))]
    }
}
