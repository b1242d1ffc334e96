/// P3: creates a second in batches.
struct BatchScenario: Scenario {
    static let name = ScenarioName.batch

    /// Calls at a time: more wait for each other.
    private static let connections = 4

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let form = lab.sizes.form
        let request = CreateBatch(
            client: lab.api.with(key: tenant.key),
            body: MessageBody(channel: .whatsapp, recipients: 100_000, text: "Your parcel arrives today."),
            size: form.value(full: CreateBatch.most, short: CreateBatch.most / 4)
        )
        let loop = ClosedLoop(connections: Self.connections, expected: CreateBatch.answered)
        let (tally, seconds) = try await lab.whilePaused(tenant) {
            // The first ones open connections and read statements.
            _ = await loop(request, count: form.value(full: 20, short: 1))
            let start = ContinuousClock.now
            let tally = await loop(request, count: form.value(full: 200, short: 4))
            return (tally, (ContinuousClock.now - start) / .seconds(1))
        }
        var findings = Findings(values: [.batchRate: Double(tally.latencies.count * request.size) / seconds])
        findings.check(tally.outcomes, of: "A batch")
        return findings
    }
}
