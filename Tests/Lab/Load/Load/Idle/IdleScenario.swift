/// P6: from a create call to the provider's socket, one message at a time.
struct IdleScenario: Scenario {
    static let name = ScenarioName.idle

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let samples = lab.sizes.form.value(full: 300, short: 40)
        let run = IdleRun(
            client: lab.api.with(key: tenant.key),
            stub: lab.stub,
            body: MessageBody(channel: .whatsapp, recipients: 2 * samples, text: "load"),
            clock: ContinuousClock()
        )
        let tally = try await run(warmUp: samples / 10, samples: samples, pause: .milliseconds(20))
        var findings = Findings()
        findings.values[.idleP50] = tally.arrivals.percentiles?.p50
        findings.values[.idleP99] = tally.arrivals.percentiles?.p99
        findings.check(tally.outcomes, of: "A create")
        if tally.missing > 0 { findings.faults.append("\(tally.missing) messages never arrived") }
        return findings
    }
}
