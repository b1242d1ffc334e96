import FaultPoints
import Installation
import Testing

@testable import Chaos

/// What a run says in the end, and whether it passes.
@Suite struct ReportTests {
    private static func report(
        minutes: Int = 1,
        in folder: String = "/built/debug",
        hits: Int = 1,
        missing: FaultPoint? = nil,
        failure: String? = nil,
        _ change: (inout Evidence) -> Void = { _ in }
    ) -> ChaosReport {
        let record = FaultRecord()
        for point in FaultPoint.allCases where point != missing { for _ in 0..<hits { record.hit(point) } }
        record.did("kill outbound-worker-a")
        record.did("network delay")
        if let failure { record.failed(failure) }
        var evidence = Evidence()
        evidence.drained = .seconds(3)
        change(&evidence)
        return ChaosReport(
            settings: self.settings(minutes: minutes, in: folder),
            record: record,
            evidence: evidence,
            clients: "no trouble",
            skipped: ["a full disk: this process may not mount one"]
        )
    }

    private static func settings(minutes: Int, in folder: String = "/built/debug") -> ChaosSettings {
        ChaosSettings(
            duration: .seconds(60 * minutes),
            seed: 4711,
            programs: Programs(in: folder),
            createsPerSecond: 24
        )
    }

    @Test func whatHeldIsOneBlock() {
        let report = Self.report()
        let lines = report.text.split(separator: "\n")
        #expect(report.holds)
        #expect(lines.first?.hasPrefix("seed=4711 dur=60 s acked=0 (no trouble)") == true)
        #expect(lines[1].hasPrefix("kills \(FaultPoint.allCases.count + 1): outbound-worker-a 1"))
        #expect(lines[2] == "faults: network delay 1")
        #expect(lines.contains("not played: a full disk: this process may not mount one"))
        #expect(lines.last == "everything held")
    }

    @Test(arguments: [(minutes: 1, least: 1), (minutes: 2, least: 2), (minutes: 30, least: 40)])
    func aFaultPointThatIsReachedTooSeldomFailsTheRun(minutes: Int, least: Int) {
        let count = FaultPoint.allCases.count
        #expect(Self.report(minutes: minutes, hits: least).holds)
        let seldom = Self.report(minutes: minutes, hits: least - 1)
        #expect(!seldom.holds && seldom.missed.count == count)
        let one = Self.report(minutes: minutes, hits: least, missing: .allCases[0])
        #expect(one.missed == ["fault point \(FaultPoint.allCases[0].rawValue) reached 0 times, and not \(least)"])
        #expect(!one.holds && one.text.hasSuffix("NOT everything held"))
    }

    /// A release build has no fault points.
    @Test func whatCanNotBeReachedIsNotMissed() {
        let report = Self.report(in: "/built/release", hits: 0)
        #expect(report.holds && report.text.contains("fault points: none, a release build has none"))
    }

    @Test func aBreachOrAFaultThatCouldNotBePlayedFailsTheRun() {
        let breached = Self.report { $0.oddAnswers = ["POST /api/v1/messages: 500"] }
        #expect(!breached.holds && breached.text.contains("POST /api/v1/messages: 500"))
        let stuck = Self.report { $0.drained = nil }
        #expect(!stuck.holds && stuck.text.contains("drained in never"))
        let failed = Self.report(failure: "no disk could be filled")
        #expect(!failed.holds && failed.text.contains("no disk could be filled"))
    }

    /// The command that plays the same faults again.
    @Test func theCommandHasAllThatDecides() {
        #expect(
            Self.settings(minutes: 30).command.hasSuffix(" --seconds 1800 --seed 4711 --rate 24 --bin /built/debug")
        )
    }

    @Test(arguments: [(20, 24), (1800, 24), (3750, 24), (3751, 23), (28_800, 3)])
    func aLongRunHasFewerCreatesASecond(seconds: Int, rate: Int) {
        #expect(ChaosSettings.usualRate(for: .seconds(seconds)) == rate)
        #expect(rate * seconds <= ChaosSettings.mostMessages)
    }
}
