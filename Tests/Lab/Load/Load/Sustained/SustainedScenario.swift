/// P13: created and delivered at once, with a queue that does not grow.
///
/// Whoever would make the queue longer than its bound waits: so the rate is the one at which as much leaves as comes.
struct SustainedScenario: Scenario {
    static let name = ScenarioName.sustained

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let form = lab.sizes.form
        let warmUp: Duration = form.value(full: .seconds(5), short: .seconds(1))
        let measured: Duration = form.value(full: .seconds(30), short: .seconds(4))
        let longest = form.value(full: 1000, short: 200)
        let findings = try await withDeliveries(at: lab.stub, every: Gate.look) { deliveries in
            let before = try await lab.stub.acceptedCount()
            let gate = Gate(deliveries: deliveries, before: before, longest: longest)
            let create = Gated(try CreateMessage.whatsApp(lab, tenant), by: gate)
            let start = ContinuousClock.now + warmUp
            let loop = ClosedLoop(connections: MeasureCreates.connections, expected: CreateMessage.created)
            let tally = await loop(create, warmUp: warmUp, measured: measured)
            let rate = Deliveries.perSecond(deliveries.looks, in: start..<start + measured)
            var findings = Findings(values: [.sustainedRate: rate])
            findings.check(tally.outcomes, of: "A create")
            return findings
        }
        try await lab.settle([tenant])
        return findings
    }
}
