import Foundation
import Installation

/// What a run found, as it stands in its file.
struct Results: Codable, Sendable, Equatable {
    struct Figure: Codable, Sendable, Equatable {
        let value: Double
        /// Nil for what is not compared: in the short form all but rates.
        ///
        /// The median of a second, and a share of two such figures, are at the mercy of whatever else the machine does.
        let ratio: Double?
    }

    let takenAt: String
    let form: Form
    let build: Build
    let machine: Machine
    /// By their names.
    var limits: [String: Double] = [:]
    var figures: [String: Figure] = [:]
    /// What was not as it should be, by scenario.
    var faults: [String: [String]] = [:]

    private enum CodingKeys: String, CodingKey {
        case form, build, machine, limits, figures, faults
        case takenAt = "taken_at"
    }

    init(form: Form, build: Build, machine: Machine, limits: [LimitName: Double]) {
        self.takenAt = Date().formatted(.iso8601)
        self.form = form
        self.build = build
        self.machine = machine
        self.limits = Dictionary(uniqueKeysWithValues: limits.map { ($0.key.rawValue, $0.value) })
    }

    private var knownLimits: [LimitName: Double] {
        self.limits.reduce(into: [:]) { known, limit in
            if let name = LimitName(rawValue: limit.key) { known[name] = limit.value }
        }
    }

    mutating func add(_ findings: Findings, of scenario: ScenarioName) {
        for (name, value) in findings.values {
            let spec = name.spec
            let isCompared = self.form == .full || spec.isRate
            let ratio = isCompared ? spec.ratio(of: value, to: self.knownLimits) : nil
            self.figures[name.rawValue] = Figure(value: value, ratio: ratio)
        }
        if !findings.faults.isEmpty { self.faults[scenario.rawValue, default: []] += findings.faults }
    }

    /// The same with the figures of these scenarios alone: others can not be missing.
    func only(_ scenarios: [ScenarioName]) -> Results {
        var results = self
        results.figures = results.figures.filter { name, _ in
            FigureName(rawValue: name).map { scenarios.contains($0.scenario) } ?? false
        }
        return results
    }

    /// Reads a file that an earlier run has written.
    static func read(_ path: String) throws(LoadFailure) -> Results {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoadFailure("\(path) can not be read; --compare takes the file of an earlier --json.")
        }
        do {
            return try JSONDecoder().decode(Results.self, from: data)
        } catch {
            throw LoadFailure("\(path) is no file of load's --json.")
        }
    }

    /// - Throws: `LoadFailure` when no file can be written there.
    static func check(_ path: String) throws(LoadFailure) {
        let folder = URL(filePath: path).deletingLastPathComponent().path()
        guard FileManager.default.isWritableFile(atPath: folder) else { throw self.unwritable(path) }
    }

    func write(to path: String) throws(LoadFailure) {
        do {
            try (Self.encoder.encode(self) + Data("\n".utf8)).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Self.unwritable(path)
        }
    }

    private static func unwritable(_ path: String) -> LoadFailure {
        LoadFailure("The figures can not be written to \(path); choose another file with --json.")
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// How long the scenarios take.
enum Form: String, Codable, Sendable {
    case full, short

    func value<Value>(full: Value, short: Value) -> Value {
        switch self {
        case .full: full
        case .short: short
        }
    }
}

/// How the measured programs were built.
enum Build: String, Codable, Sendable {
    case release, debug

    init(_ programs: Programs) {
        self = programs.areOptimized ? .release : .debug
    }
}
