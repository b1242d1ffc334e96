import Foundation
import TestSupport
import Testing

@testable import Load

@Suite struct ComparisonTests {
    @Test(arguments: [(0.2, false), (0.141, false), (0.139, true), (0.5, false)])
    func lessThanSevenTenthsIsBelow(now: Double, isBelow: Bool) throws {
        let earlier = Self.results([.createRate: 0.2])
        let comparison = try Comparison(Self.results([.createRate: now]), with: earlier)
        #expect(comparison.isBelow == isBelow)
        #expect(comparison.lines.map(\.isBelow) == [isBelow])
    }

    /// A scenario that is left out, or brings nothing, must not pass unseen.
    @Test func whatIsMissingIsBelow() throws {
        let comparison = try Comparison(Self.results([:]), with: Self.results([.drainOfOne: 0.4]))
        #expect(comparison.isBelow)
        #expect(comparison.rows.last == ["drain.1_org.per_second", "0.400", "not measured", "-  BELOW"])
    }

    @Test func whatHadNoRatioIsNotCompared() throws {
        let comparison = try Comparison(Self.results([:]), with: Self.results([.memory: nil, .idleP99: nil]))
        #expect(comparison.lines.isEmpty)
        #expect(!comparison.isBelow)
    }

    @Test func aNewFigureHasNothingToBeBelow() throws {
        let comparison = try Comparison(
            Self.results([.slowCommit: 0.1, .createRate: 0.3]),
            with: Self.results([.createRate: 0.3])
        )
        #expect(comparison.lines.map(\.name) == ["create.per_second"])
        #expect(!comparison.isBelow)
    }

    @Test(arguments: [(Form.full, Build.debug), (.short, .release)])
    func otherFormsAndBuildsAreNotCompared(form: Form, build: Build) {
        #expect(throws: LoadFailure.self) {
            try Comparison(Self.results([:]), with: Self.results([:], form: form, build: build))
        }
    }

    @Test func onlyWhatIsMeasuredIsExpected() throws {
        let earlier = Self.results([.createRate: 0.2, .drainOfOne: 0.4])
        #expect(earlier.only([.drain]).figures.keys.sorted() == ["drain.1_org.per_second"])
    }

    @Test func aFileIsReadAsItWasWritten() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "load-\(UUID()).json").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var results = Self.results([:])
        results.add(Findings(values: [.createRate: 500], faults: ["one"]), of: .create)
        results.add(Findings(values: [.memory: 123.5], faults: ["two"]), of: .create)
        try results.write(to: path)
        #expect(try Results.read(path) == results)
        #expect(results.figures["create.per_second"] == Results.Figure(value: 500, ratio: 0.25))
        #expect(results.figures["memory.mb"] == Results.Figure(value: 123.5, ratio: nil))
        #expect(results.faults == ["create": ["one", "two"]])
    }

    @Test(arguments: [(Form.full, [0.25, 0.5, 0.8]), (.short, [0.25, nil, nil])] as [(Form, [Double?])])
    func secondsAreComparedByTheirRatesAlone(form: Form, ratios: [Double?]) {
        var results = Results(form: form, build: .debug, machine: .current, limits: [.commits: 2000, .roundTrip: 2])
        results.add(Findings(values: [.createRate: 500, .idleP50: 4, .slowCommit: 80]), of: .create)
        let names = [FigureName.createRate, .idleP50, .slowCommit]
        #expect(names.map { results.figures[$0.rawValue]?.ratio } == ratios)
    }

    @Test(arguments: [nil, "", "[]", #"{"figures": {}}"#])
    func whatIsNoSuchFileIsSaid(content: String?) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "load-\(UUID()).json").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        if let content { try Data(content.utf8).write(to: URL(filePath: path)) }
        #expect(throws: LoadFailure.self) { try Results.read(path) }
    }

    @Test func theTableSaysWhatWasFoundAndWhatWasWrong() {
        var results = Self.results([:], form: .full, build: .release)
        results.add(
            Findings(values: [.createRate: 6400, .idleP50: 7], faults: ["a create was answered 500"]),
            of: .create
        )
        let text = ResultTable(results: results).text
        #expect(text.contains("message and outbox row in one statement, a commit each  2,000/s"))
        #expect(text.contains("P1  created, 32 connections        6,400/s   6,000/s, 8,000/s  3.200         met"))
        #expect(text.contains("MISSED"))
        #expect(text.contains("fault in create: a create was answered 500"))
        #expect(!ResultTable(results: Self.results([.createRate: 0.1])).text.contains("MISSED"))
    }

    private static func results(
        _ ratios: [FigureName: Double?],
        form: Form = .short,
        build: Build = .debug
    ) -> Results {
        var results = Results(
            form: form,
            build: build,
            machine: Machine(cores: 2, memoryMB: 100, processor: "one", system: "other"),
            limits: [.commits: 2000]
        )
        for (name, ratio) in ratios { results.figures[name.rawValue] = Results.Figure(value: 1, ratio: ratio) }
        return results
    }
}
