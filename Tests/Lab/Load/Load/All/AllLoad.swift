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

    @Option(
        help: .init("Only these, with commas between them; all unless told.", valueName: "names"),
        transform: ScenarioName.list
    )
    var only = ScenarioName.allCases

    func measure() async throws -> Verdict { try await self.options.measure(self.only) }
}

extension ScenarioName {
    /// Reads `create,drain`; the order is that of `load all`.
    fileprivate static func list(_ argument: String) throws -> [ScenarioName] {
        let given = argument.split(separator: ",").map { ScenarioName(rawValue: String($0)) }
        let known = Set(given.compactMap(\.self))
        guard !given.isEmpty, known.count == given.count else {
            throw ValidationError("choose from \(Self.allCases.map(\.rawValue).joined(separator: ", ")), each once.")
        }
        return Self.allCases.filter(known.contains)
    }
}
