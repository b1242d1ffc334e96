/// P10: the memory of the six services while messages are created and delivered at once, as fast as it goes.
struct MemoryScenario: Scenario {
    static let name = ScenarioName.memory

    /// Of the queue: more would make an hour's worth of it, and show nothing else.
    private static let longest = 10_000

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let measured = lab.sizes.length(minutes: 1, shortSeconds: 4)
        let (tally, memory) = try await withDeliveries(at: lab.stub, every: Gate.look) { deliveries in
            let before = try await lab.stub.acceptedCount()
            let gate = Gate(deliveries: deliveries, before: before, longest: Self.longest)
            let create = Gated(try CreateMessage.whatsApp(lab, tenant), by: gate)
            let loop = ClosedLoop(connections: MeasureCreates.connections, expected: CreateMessage.created)
            return try await SampleMemory(lab: lab).during { await loop(create, warmUp: .zero, measured: measured) }
        }
        try await lab.settle([tenant])
        var findings = Findings(values: [.memory: memory.most, .memoryGrowth: memory.growth])
        findings.check(tally.outcomes, of: "A create")
        return findings
    }
}
