import ArgumentParser

/// `load batch` and others: one scenario, as `load all` measures it.
struct ScenarioLoad<Measured: Scenario>: Measurement {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Measured.name.rawValue,
            abstract: Measured.name.abstract,
            discussion: "Starts everything itself; load all says more."
        )
    }

    @OptionGroup var options: MeasureOptions

    func measure() async throws -> Verdict { try await self.options.measure([Measured.name]) }
}
