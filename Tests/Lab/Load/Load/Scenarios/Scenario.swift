/// One part of the measuring: what it does to an installation of ours, and the figures that it brings.
protocol Scenario: Sendable {
    static var name: ScenarioName { get }

    init()

    /// - Throws: `LoadFailure` when it could not measure.
    func measure(_ lab: Lab) async throws -> Findings
}

/// What a scenario found.
struct Findings: Sendable {
    var values: [FigureName: Double] = [:]
    /// What was not as it should be, in sentences.
    var faults: [String] = []

    /// Notes answers that were not expected.
    mutating func check(_ outcomes: Outcomes, of what: String) {
        guard !outcomes.isAsExpected else { return }
        let rows = outcomes.rows.map { "\($0.0) \($0.1)" }.joined(separator: "; ")
        self.faults.append("\(what) was answered: \(rows)")
    }

    mutating func add(_ other: Findings) {
        self.values.merge(other.values) { $1 }
        self.faults += other.faults
    }
}

/// The scenarios, in the order in which `load all` measures them.
///
/// What leaves much behind comes last.
enum ScenarioName: String, CaseIterable, Sendable {
    case create, steady, batch, drain
    case slowProvider = "slow-provider"
    case idle, webhooks, sustained, memory, overload
    case slowCommit = "slow-commit"
    case soak, fair, growth

    var scenario: any Scenario {
        switch self {
        case .create: CreateScenario()
        case .steady: SteadyScenario()
        case .batch: BatchScenario()
        case .drain: DrainScenario()
        case .slowProvider: SlowProviderScenario()
        case .idle: IdleScenario()
        case .webhooks: WebhookScenario()
        case .sustained: SustainedScenario()
        case .memory: MemoryScenario()
        case .overload: OverloadScenario()
        case .slowCommit: SlowCommitScenario()
        case .soak: SoakScenario()
        case .fair: FairScenario()
        case .growth: GrowthScenario()
        }
    }

    /// For the help.
    var abstract: String {
        switch self {
        case .create: "Measure creates a second over 32 connections."
        case .steady: "Measure how soon creates at a steady rate are answered."
        case .batch: "Measure creates a second in batches of 1,000."
        case .drain:
            "Measure messages a second from a full queue to the provider, of one organization and of a hundred."
        case .slowProvider: "Measure the same with a provider that takes 50 ms."
        case .idle: "Measure the time from a create call to the provider, one message at a time."
        case .webhooks: "Measure statuses a second until they are applied, and how soon webhooks are answered."
        case .sustained:
            "Measure how many messages a second are created and delivered at once, without a growing queue."
        case .memory: "Measure the memory of the six services while messages are created and delivered."
        case .overload: "Offer five times as many creates as can be answered, and see what becomes of them."
        case .slowCommit: "Measure creates a second with every commit 2 ms slower."
        case .soak: "Measure minutes at 80 % of what it can, beside a snapshot that is held open."
        case .fair: "Measure what other organizations feel of one that has a million queued."
        case .growth: "Measure again with 10 million messages of history and a million queued."
        }
    }
}
