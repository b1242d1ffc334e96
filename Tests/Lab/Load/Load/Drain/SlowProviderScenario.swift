/// P5: the same with a provider that takes 50 ms for each message, and so many in flight.
struct SlowProviderScenario: Scenario {
    static let name = ScenarioName.slowProvider

    func measure(_ lab: Lab) async throws -> Findings {
        let form = lab.sizes.form
        let worker = LabWorker(lab: lab)
        var findings = Findings()
        try await lab.stub.slowDown(milliseconds: 50)
        for (inFlight, name) in [(128, FigureName.slowDrainNarrow), (512, .slowDrainWide)] {
            // A worker's last sixteenth is for one-time codes alone.
            try await worker.restart(slots: inFlight * 16 / 15)
            let drain = MeasureDrain(
                lab: lab,
                tenants: [try await lab.newTenant()],
                messages: form.value(full: inFlight * 100, short: 1000)
            )
            let result = try await drain()
            findings.add(Findings(values: [name: result.perSecond], faults: result.faults))
        }
        try await lab.stub.answerAtOnce()
        try await worker.restart(slots: LabWorker.usualSlots)
        return findings
    }
}
