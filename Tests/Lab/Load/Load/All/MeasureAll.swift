import Installation
import Postgres

/// Measures scenarios one after the other, and the machine's limits before them.
struct MeasureAll: Sendable {
    let scenarios: [ScenarioName]
    let sizes: Sizes
    let bin: String?
    let progress: Progress

    func callAsFunction() async throws -> Results {
        // All of it now: what is missing for the last one must not be found an hour later.
        let programs = Programs(in: try Requirements.binaries(self.bin))
        try Requirements(programs: programs, scenarios: self.scenarios, sizes: self.sizes).check()
        var results: Results?
        for group in Self.groups(self.scenarios, self.sizes.form) {
            results = try await Lab.run(
                bin: self.bin,
                scenarios: group,
                sizes: self.sizes,
                progress: self.progress
            ) { [results] lab in
                var results = if let results { results } else { try await self.begin(lab) }
                for name in group { results.add(try await self.findings(of: name, in: lab), of: name) }
                let ended = await lab.installation.processes.faults
                if let last = group.last { results.add(Findings(faults: ended), of: last) }
                return results
            }
        }
        guard let results else { throw LoadFailure("There is nothing to measure.") }
        return results
    }

    /// Scenarios that share an installation: in the full form, what leaves millions of rows behind has its own.
    static func groups(_ scenarios: [ScenarioName], _ form: Form) -> [[ScenarioName]] {
        guard form == .full else { return scenarios.isEmpty ? [] : [scenarios] }
        let (alone, shared) = (scenarios.filter(\.leavesMuch), scenarios.filter { !$0.leavesMuch })
        return (shared.isEmpty ? [] : [shared]) + alone.map { [$0] }
    }

    private func begin(_ lab: Lab) async throws -> Results {
        self.progress.say("measuring the machine's limits")
        return Results(
            form: self.sizes.form,
            build: Build(lab.installation.plan.programs),
            machine: .current,
            limits: try await MeasureLimits(lab: lab)()
        )
    }

    private func findings(of name: ScenarioName, in lab: Lab) async throws -> Findings {
        self.progress.say("measuring \(name.rawValue)")
        do {
            return try await name.scenario.measure(lab)
        } catch let failure as LoadFailure {
            throw LoadFailure("\(name.rawValue): \(failure.sentence)")
        } catch let error as PostgresError {
            throw LoadFailure("\(name.rawValue): \(error)")
        }
    }
}

extension ScenarioName {
    /// Whether there are so many rows afterwards that others would feel them.
    var leavesMuch: Bool {
        switch self {
        case .soak, .fair, .growth: true
        case .create, .steady, .batch, .drain, .slowProvider, .idle, .webhooks, .sustained, .memory, .overload,
            .slowCommit:
            false
        }
    }
}

extension MeasureOptions {
    /// Measures, prints the one table, writes the file, and compares.
    func measure(_ scenarios: [ScenarioName]) async throws -> Verdict {
        // Before anything is started: a wrong file must not cost half an hour.
        let earlier = try self.compare.map(Results.read)?.only(scenarios)
        let build = Build(Programs(in: try Requirements.binaries(self.bin)))
        if let earlier { try Comparison.check(earlier, self.sizes.form, build) }
        if let json { try Results.check(json) }
        let measure = MeasureAll(scenarios: scenarios, sizes: self.sizes, bin: self.bin, progress: Progress())
        let results = try await measure()
        print(ResultTable(results: results).text)
        if let json { try results.write(to: json) }
        guard let earlier else { return results.faults.isEmpty ? .asExpected : .withFaults }
        let comparison = try Comparison(results, with: earlier)
        print(Table.text(comparison.rows))
        return comparison.isBelow || !results.faults.isEmpty ? .withFaults : .asExpected
    }
}
