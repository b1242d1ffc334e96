extension FigureName {
    /// The targets are those of a release build, with everything on one machine of two cores.
    var spec: FigureSpec {
        switch self {
        case .createRate:
            FigureSpec("P1", "created, 32 connections", .perSecond, .more, 6000, 8000, .limit(.commits))
        case .createP99: FigureSpec("P1", "p99 of these", .milliseconds, .less, 25, nil, .nothing)
        case .steadyP50:
            FigureSpec("P2", "create at 2,000/s, p50", .milliseconds, .less, 4, nil, .limit(.roundTrip))
        case .steadyP99: FigureSpec("P2", "p99 of these", .milliseconds, .less, 15, nil, .nothing)
        case .batchRate:
            FigureSpec("P3", "created, 1,000 a call", .perSecond, .more, 40_000, 60_000, .limit(.rows))
        case .drainOfOne:
            FigureSpec("P4", "queue to provider, 1 organization", .perSecond, .more, 8000, 12_000, .limit(.stub))
        case .drainOfMany:
            FigureSpec("P4", "queue to provider, 100 organizations", .perSecond, .more, 8000, 12_000, .limit(.stub))
        case .slowDrainNarrow:
            // 95 % of 128 in flight for 50 ms each.
            FigureSpec("P5", "provider 50 ms, 128 in flight", .perSecond, .more, 2432, nil, .limit(.stub))
        case .slowDrainWide:
            // 95 % of 7,000/s: 512 in flight would be more.
            FigureSpec("P5", "provider 50 ms, 512 in flight", .perSecond, .more, 6650, nil, .limit(.stub))
        case .idleP50:
            FigureSpec("P6", "idle, create to provider, p50", .milliseconds, .less, 5, 3, .limit(.roundTrip))
        case .idleP99: FigureSpec("P6", "p99 of these", .milliseconds, .less, 12, 8, .nothing)
        case .statusRate:
            FigureSpec("P7", "statuses applied, 10 a webhook", .perSecond, .more, 6000, nil, .limit(.rows))
        case .ackP50:
            FigureSpec("P7", "webhook answered at 500/s, p50", .milliseconds, .less, 5, nil, .limit(.roundTrip))
        case .ackP99: FigureSpec("P7", "p99 of these", .milliseconds, .less, 50, nil, .nothing)
        case .grownCreate: FigureSpec("P8", "P1 with history, of empty", .percent, .more, 85, 95, .itself)
        case .grownDrain: FigureSpec("P8", "P4 with history, of empty", .percent, .more, 85, 95, .itself)
        case .grownClaim: FigureSpec("P8", "claims with history, of empty", .percent, .more, 85, 95, .itself)
        case .soakRate: FigureSpec("P9", "slowest minute, of the first", .percent, .more, 90, nil, .itself)
        case .soakOutbox: FigureSpec("P9", "outbox table afterwards", .megabytes, .less, 64, nil, .nothing)
        case .memory: FigureSpec("P10", "memory of six services", .megabytes, .less, 400, 250, .nothing)
        case .memoryGrowth: FigureSpec("P10", "its growth", .percent, .less, 5, nil, .nothing)
        case .slowCommit: FigureSpec("P11", "P1 with commits 2 ms slower", .percent, .more, 80, nil, .itself)
        case .fairP99AtOrdinaryRate:
            FigureSpec("P12", "others' p99 beside 80/s, of unloaded", .times, .less, 1.5, 1.2, .nothing)
        case .fairP99: FigureSpec("P12", "others' p99 beside 1,000/s", .times, .less, 1.5, 1.2, .nothing)
        case .sustainedRate:
            FigureSpec("P13", "created and delivered at once", .perSecond, .more, 3000, 4500, .limit(.commits))
        case .overloadOffered: FigureSpec("overload", "offered, of P1", .times, .more, 5, nil, .nothing)
        case .overloadGoodput:
            FigureSpec("overload", "created meanwhile, of P1", .percent, .more, 90, nil, .itself)
        case .overloadAnswered:
            FigureSpec("overload", "the rest: 429 or 503 with Retry-After", .percent, .more, 100, nil, .nothing)
        case .overloadMemory: FigureSpec("overload", "largest process", .megabytes, .less, 256, nil, .nothing)
        case .overloadOthers:
            FigureSpec("overload", "created of another organization's 20/s", .percent, .more, 100, nil, .nothing)
        // About what the thousand take that wait: behind them all would take longer.
        case .overloadOthersP99: FigureSpec("overload", "p99 of these", .milliseconds, .less, 1000, nil, .nothing)
        }
    }
}

extension FigureName {
    /// What brings it.
    var scenario: ScenarioName {
        switch self {
        case .createRate, .createP99: .create
        case .steadyP50, .steadyP99: .steady
        case .batchRate: .batch
        case .drainOfOne, .drainOfMany: .drain
        case .slowDrainNarrow, .slowDrainWide: .slowProvider
        case .idleP50, .idleP99: .idle
        case .statusRate, .ackP50, .ackP99: .webhooks
        case .grownCreate, .grownDrain, .grownClaim: .growth
        case .soakRate, .soakOutbox: .soak
        case .memory, .memoryGrowth: .memory
        case .slowCommit: .slowCommit
        case .fairP99AtOrdinaryRate, .fairP99: .fair
        case .sustainedRate: .sustained
        case .overloadOffered, .overloadGoodput, .overloadAnswered, .overloadMemory: .overload
        case .overloadOthers, .overloadOthersP99: .overload
        }
    }
}

extension FigureSpec {
    /// In the order of the table's columns.
    fileprivate init(
        _ point: String,
        _ title: String,
        _ unit: Unit,
        _ better: Better,
        _ target: Double,
        _ stretch: Double?,
        _ basis: Basis
    ) {
        self.init(
            point: point,
            title: title,
            unit: unit,
            better: better,
            target: target,
            stretch: stretch,
            basis: basis
        )
    }

    var isRate: Bool { self.unit == .perSecond }

    func verdict(of value: Double) -> FigureVerdict {
        if let stretch, self.reaches(stretch, value) { return .stretch }
        return self.reaches(self.target, value) ? .met : .missed
    }

    /// A share of what is possible here, of which more is better; nil where there is nothing to compare with.
    func ratio(of value: Double, to limits: [LimitName: Double]) -> Double? {
        switch self.basis {
        case .nothing: return nil
        case .itself: return value / 100
        case .limit(let name):
            guard let limit = limits[name], limit > 0, value > 0 else { return nil }
            return self.better == .more ? value / limit : limit / value
        }
    }

    private func reaches(_ mark: Double, _ value: Double) -> Bool {
        switch self.better {
        case .more: value >= mark
        case .less: value <= mark
        }
    }
}

enum FigureVerdict: String, Sendable {
    case stretch, met
    case missed = "MISSED"
}
