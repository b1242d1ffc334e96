import ArgumentParser

/// `load all`: every figure, with one command.
struct AllLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "all",
        abstract: "Measure everything, on an installation that is started for it alone.",
        discussion: """
            Starts a Postgres that waits for the disk, the six services, one worker and the provider stub, measures what the \
            machine does without us, and then each scenario. Ends what it started, also on Ctrl-C.

            Scenarios: \(ScenarioName.allCases.map(\.rawValue).joined(separator: ", ")).

            Example:
              load all --json figures.json
              load all --short --compare Tests/Lab/load-short.json
              load all --only create,drain
            """
    )

    @OptionGroup var options: MeasureOptions

    @Option(help: .init("Only these, with commas between them.", valueName: "names"))
    var only = ScenarioList(names: ScenarioName.allCases)

    func measure() async throws -> Verdict { try await self.options.measure(self.only.names) }
}

/// `create,drain`: names of scenarios, kept in the order of `load all`.
struct ScenarioList: ExpressibleByArgument {
    let names: [ScenarioName]

    init(names: [ScenarioName]) {
        self.names = names
    }

    init?(argument: String) {
        let given = argument.split(separator: ",").map { ScenarioName(rawValue: String($0)) }
        let known = Set(given.compactMap(\.self))
        guard !given.isEmpty, known.count == given.count else { return nil }
        self.names = ScenarioName.allCases.filter(known.contains)
    }

    var defaultValueDescription: String { "all" }
}
