/// P2: creates at a steady rate.
struct SteadyScenario: Scenario {
    static let name = ScenarioName.steady

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let form = lab.sizes.form
        let loop = OpenLoop(
            // A debug build can not do more in passing.
            perSecond: form.value(full: 2000, short: 100),
            expected: CreateMessage.created,
            warmUp: form.value(full: .seconds(3), short: .seconds(1)),
            measured: form.value(full: .seconds(15), short: .seconds(2))
        )
        let tally = try await lab.whilePaused(tenant) { try await loop(.whatsApp(lab, tenant)) }
        var findings = Findings()
        findings.values[.steadyP50] = tally.latencies.percentiles?.p50
        findings.values[.steadyP99] = tally.latencies.percentiles?.p99
        findings.check(tally.outcomes, of: "A create")
        return findings
    }
}
