/// What schedules must come by, some of them at least: what never happens is not tested.
enum Sight: Int, CaseIterable, Sendable {
    case diedBeforeSending, diedUnheard, diedUntold, journalLost, journalTorn
    case silence, leaseEnd, answerLost, lateOutcome, lateFailure, earlyReport, lateEvidence
    case foundByLookUp, absentByLookUp, released, leftToPerson, takenTwice, refusedLater
    case steppedAside, suspect, poisonous, probe, resumed, outage, recovering, expired, cancelled, revived
    case unknownCommit, restarted, frozenPastDeadline
}

/// How often what was seen.
struct Sights: Sendable {
    private(set) var counts = Array(repeating: 0, count: Sight.allCases.count)

    mutating func add(_ sight: Sight) { self.counts[sight.rawValue] += 1 }

    mutating func add(_ other: Sights) {
        for index in self.counts.indices { self.counts[index] += other.counts[index] }
    }

    subscript(sight: Sight) -> Int { self.counts[sight.rawValue] }
}
