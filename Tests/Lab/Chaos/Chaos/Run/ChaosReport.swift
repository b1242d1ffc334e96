import FaultPoints
import Installation

/// What a run came to, as one block of text.
struct ChaosReport: Sendable {
    let settings: ChaosSettings
    let counts: [String: Int]
    let hits: [FaultPoint: Int]
    let kills: Int
    let recoveries: Latencies
    let failures: [String]
    let evidence: Evidence
    let breaches: [Breach]
    /// What clients met instead of an answer.
    let clients: String
    /// What could not be played or looked for.
    let skipped: [String]

    init(settings: ChaosSettings, record: FaultRecord, evidence: Evidence, clients: String, skipped: [String]) {
        self.settings = settings
        self.counts = record.counts
        self.hits = record.hits
        self.kills = record.kills
        self.recoveries = Latencies(milliseconds: record.recoveries)
        self.failures = record.failures
        self.evidence = evidence
        self.breaches = evidence.breaches
        self.clients = clients
        self.skipped = skipped
    }

    /// Fault points that were planned, and not reached as often as they must be.
    var missed: [String] {
        let least = self.settings.leastHits
        return FaultPoint.allCases.filter { self.hits[$0] ?? 0 < least }.map { point in
            "fault point \(point.rawValue) reached \(self.hits[point] ?? 0) times, and not \(least)"
        }
    }

    /// Whether everything held, and everything was tried.
    var holds: Bool { self.breaches.isEmpty && self.missed.isEmpty && self.failures.isEmpty }

    var text: String {
        let written = self.evidence.written.values.flatMap(\.values).reduce(0) { $0 + $1.count }
        let found = Dictionary(grouping: self.breaches, by: \.invariant).mapValues(\.count)
        let lines = [
            "seed=\(self.settings.seed) dur=\(Int(self.settings.duration / .seconds(1))) s"
                + " acked=\(self.evidence.acknowledged.count) (\(self.clients)) taken=\(self.evidence.taken.count)"
                + " inbound=\(written) orgs=\(ChaosSettings.organizations)",
            "kills \(self.kills): " + self.list { $0.hasPrefix("kill ") } + "; up again after \(self.recoveries.text)",
            "faults: " + self.list { !$0.hasPrefix("kill ") },
            self.points,
            "drained in \(self.evidence.drained.text); ended without having been sent: \(self.refusals)",
            Invariant.allCases.map { "\($0.name) \(found[$0] ?? 0)" }.joined(separator: ", "),
        ]
        let skipped = self.skipped.map { "not played: \($0)" }
        let wrong = self.failures + self.missed + self.examples
        return (lines + skipped + wrong + [self.holds ? "everything held" : "NOT everything held"]).joined(
            separator: "\n"
        )
    }

    private var points: String {
        guard self.settings.hasFaultPoints else { return "fault points: none, a release build has none" }
        let least = FaultPoint.allCases.map { self.hits[$0] ?? 0 }.min() ?? 0
        return "fault points reached \(self.hits.count)/\(FaultPoint.allCases.count) (at least \(least) times): "
            + FaultPoint.allCases.map { "\($0.rawValue) \(self.hits[$0] ?? 0)" }.joined(separator: ", ")
    }

    /// Why messages were not sent, with how many of each.
    private var refusals: String {
        let reasons = self.evidence.messages.values.filter { !$0.isSent }.map { "\($0.status) \($0.reason)" }
        guard !reasons.isEmpty else { return "none" }
        let counts = reasons.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }

    /// A few of each kind.
    private var examples: [String] {
        let kinds = Dictionary(grouping: self.breaches, by: \.invariant).sorted { $0.key < $1.key }
        return kinds.flatMap { kind, breaches in
            breaches.prefix(5).map { "\(kind.name): \($0.subject)" }
        }
    }

    private func list(_ isMeant: (String) -> Bool) -> String {
        let counts = self.counts.filter { isMeant($0.key) }.sorted { $0.key < $1.key }
        guard !counts.isEmpty else { return "none" }
        return counts.map { "\($0.key.replacing("kill ", with: "")) \($0.value)" }.joined(separator: ", ")
    }
}
