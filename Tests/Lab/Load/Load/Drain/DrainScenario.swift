/// P4: from a full queue to a provider that answers at once, of one organization and of a hundred.
struct DrainScenario: Scenario {
    static let name = ScenarioName.drain

    func measure(_ lab: Lab) async throws -> Findings {
        let form = lab.sizes.form
        let messages = form.value(full: 50_000, short: 1000)
        // The first ones open connections and read statements.
        let warmUp = try await MeasureDrain(lab: lab, tenants: [lab.newTenant()], messages: messages / 10)()
        let one = try await MeasureDrain(lab: lab, tenants: [lab.newTenant()], messages: messages)()
        var tenants: [Tenant] = []
        for _ in 0..<form.value(full: 100, short: 20) { tenants.append(try await lab.newTenant()) }
        let many = try await MeasureDrain(lab: lab, tenants: tenants, messages: messages)()
        return Findings(
            values: [.drainOfOne: one.perSecond, .drainOfMany: many.perSecond],
            faults: warmUp.faults + one.faults + many.faults
        )
    }
}
