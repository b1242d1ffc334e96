import FaultPoints
import Installation
import TestClient

/// What happens when, all of it decided by the seed before anything starts.
///
/// Faults stand in lanes: those of one lane come one after the other, those of different lanes at the same time.
struct Schedule: Sendable, Equatable {
    struct Planned: Sendable, Hashable {
        /// From the start.
        let at: Duration
        let fault: Fault
    }

    enum Lane: String, Sendable, CaseIterable {
        case kills, stops, postgres, network, provider, callbacks, clock, disk
    }

    /// A fault point, and the how-manieth time there is the last.
    struct Point: Sendable, Hashable {
        let point: FaultPoint
        let times: Int
    }

    private(set) var lanes: [Lane: [Planned]] = [:]
    /// The fault points in the order in which processes are told to die there; each stands here once a round.
    private(set) var points: [Point] = []

    /// - Parameters:
    ///   - seed: the same seed gives the same schedule.
    ///   - duration: no fault begins later, and none lasts longer.
    ///   - workers: how many there are.
    ///   - left: the lanes that can not be played here.
    ///   - rounds: how often each fault point is to be hit.
    init(seed: UInt64, duration: Duration, workers: Int, without left: Set<Lane> = [], rounds: Int) {
        var chance = SeededGenerator(seed: seed, purpose: 1)
        let form = Form(duration)
        let targets = Targets(workers: workers)
        for lane in Lane.allCases where !left.contains(lane) {
            var planned: [Planned] = []
            // Not from the first moment: what is never up can not fail.
            var at = Duration.seconds(2) + form.pause(before: lane, &chance)
            while at < duration {
                let fault = targets.fault(of: lane, form, longest: duration - at, &chance)
                planned.append(Planned(at: at, fault: fault))
                at += fault.length + form.pause(before: lane, &chance)
            }
            self.lanes[lane] = planned
        }
        for _ in 0..<rounds {
            self.points += FaultPoint.allCases.shuffled(using: &chance).map {
                Point(point: $0, times: $0.isRare ? 1 : Int.random(in: 1...5, using: &chance))
            }
        }
    }
}

/// How often faults come, and how long they last: shorter in a run of a minute, so that all of them have their turn.
struct Form: Sendable {
    let isShort: Bool

    init(_ duration: Duration) {
        self.isShort = duration < .seconds(300)
    }

    func pause(before lane: Schedule.Lane, _ chance: inout SeededGenerator) -> Duration {
        let range: ClosedRange<Int> =
            switch lane {
            case .kills: self.isShort ? 700...2200 : 1000...6000
            case .stops: self.isShort ? 4000...9000 : 10_000...40_000
            case .postgres: self.isShort ? 7000...14_000 : 20_000...60_000
            case .network: self.isShort ? 1500...5000 : 3000...20_000
            case .provider: self.isShort ? 1500...5000 : 3000...15_000
            case .callbacks: self.isShort ? 3000...8000 : 10_000...30_000
            case .clock: self.isShort ? 12_000...25_000 : 60_000...180_000
            case .disk: self.isShort ? 25_000...45_000 : 120_000...300_000
            }
        return .milliseconds(Int.random(in: range, using: &chance))
    }

    /// A length that is short more often than long, at most `longest`.
    func length(upTo most: Duration, _ longest: Duration, _ chance: inout SeededGenerator) -> Duration {
        let limit = min(self.isShort ? min(most, .seconds(4)) : most, longest)
        let part = Double.random(in: 0.1...1, using: &chance)
        return .milliseconds(max(Int64((limit / .milliseconds(1)) * part * part), 50))
    }
}

extension Fault {
    /// How long it keeps its lane.
    var length: Duration {
        switch self {
        case .kill, .restart, .callbacks, .clock: .zero
        case .stop(_, let length), .network(_, _, let length), .provider(_, let length), .fullDisk(let length): length
        case .postgres(.killAll(let away)), .postgres(.stopImmediately(let away)), .postgres(.stop(let away)): away
        case .postgres(.killOne), .postgres(.endConnections): .zero
        }
    }
}

extension FaultPoint {
    /// Whether a process comes there so seldom that the first time must be the last.
    var isRare: Bool { [.recoveryBeforeCommit, .recoveryHandedOver].contains(self) }
}
