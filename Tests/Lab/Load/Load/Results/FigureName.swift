/// The figures that are measured, by the names that they have in files.
enum FigureName: String, CaseIterable, Sendable {
    case createRate = "create.per_second"
    case createP99 = "create.p99_ms"
    case steadyP50 = "steady.p50_ms"
    case steadyP99 = "steady.p99_ms"
    case batchRate = "batch.per_second"
    case drainOfOne = "drain.1_org.per_second"
    case drainOfMany = "drain.100_orgs.per_second"
    case slowDrainNarrow = "drain.50_ms.128_slots.per_second"
    case slowDrainWide = "drain.50_ms.512_slots.per_second"
    case idleP50 = "idle.p50_ms"
    case idleP99 = "idle.p99_ms"
    case statusRate = "webhooks.statuses_per_second"
    case ackP50 = "webhooks.p50_ms"
    case ackP99 = "webhooks.p99_ms"
    case grownCreate = "growth.create_percent"
    case grownDrain = "growth.drain_percent"
    case grownClaim = "growth.claim_percent"
    case soakRate = "soak.slowest_minute_percent"
    case soakOutbox = "soak.outbox_mb"
    case memory = "memory.mb"
    case memoryGrowth = "memory.growth_percent"
    case slowCommit = "slow_commit.percent"
    case fairP99 = "fair.p99_times"
    case fairP99AtOrdinaryRate = "fair.p99_times_at_80"
    case sustainedRate = "sustained.per_second"
    case overloadOffered = "overload.offered_times"
    case overloadGoodput = "overload.goodput_percent"
    case overloadAnswered = "overload.answered_percent"
    case overloadMemory = "overload.process_mb"
    case overloadOthers = "overload.others_percent"
    case overloadOthersP99 = "overload.others_p99_ms"
}

/// What a figure is, and what it should be.
struct FigureSpec: Sendable, Equatable {
    enum Unit: String, Sendable {
        case perSecond = "/s"
        case milliseconds = " ms"
        case percent = " %"
        case megabytes = " MB"
        case times = " x"
    }

    enum Better: Sendable {
        case more, less
    }

    /// What makes figures of different machines comparable.
    enum Basis: Sendable, Equatable {
        /// What the machine does without us, taken in the same run.
        case limit(LimitName)
        /// The figure is a share already.
        case itself
        /// Nothing: it is shown, and not compared.
        case nothing
    }

    /// Its place in the list of targets.
    let point: String
    let title: String
    let unit: Unit
    let better: Better
    let target: Double
    var stretch: Double?
    let basis: Basis
}

/// What the machine does without us.
enum LimitName: String, CaseIterable, Sendable {
    /// A message and its outbox row in one statement, with a commit each.
    case commits = "commits_per_second"
    /// Messages with their rows in statements of 1,000.
    case rows = "rows_per_second"
    /// What the provider stub answers to this program.
    case stub = "stub_per_second"
    /// A request to the stub and a commit, one after the other, nothing else going on.
    case roundTrip = "round_trip_ms"

    var title: String {
        switch self {
        case .commits: "message and outbox row in one statement, a commit each"
        case .rows: "messages with outbox rows, 1,000 a statement"
        case .stub: "requests that the provider stub answers"
        case .roundTrip: "one commit and one request to the stub"
        }
    }

    var unit: FigureSpec.Unit {
        switch self {
        case .commits, .rows, .stub: .perSecond
        case .roundTrip: .milliseconds
        }
    }
}
