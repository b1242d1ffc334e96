/// P1: creates a second over 32 connections.
struct CreateScenario: Scenario {
    static let name = ScenarioName.create

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let result = try await lab.whilePaused(tenant) { try await MeasureCreates(lab, tenant)() }
        var findings = Findings(values: [.createRate: result.perSecond])
        findings.values[.createP99] = result.tally.latencies.percentiles?.p99
        findings.check(result.tally.outcomes, of: "A create")
        return findings
    }
}
