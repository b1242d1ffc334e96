/// P12: what others feel of an organization that has a million queued, a thousand of which are sent each second.
struct FairScenario: Scenario {
    static let name = ScenarioName.fair

    /// Of the campaign's account: enough to keep the worker busy, and not the machine.
    private static let campaignRate = 1000.0

    func measure(_ lab: Lab) async throws -> Findings {
        let (campaign, other) = (try await lab.newTenant(rate: Self.campaignRate), try await lab.newTenant())
        let unloaded = try await self.delay(lab, other)
        lab.progress.say("fair: queueing \(lab.sizes.queuedRows) messages")
        let fill = FillBacklog(lab: lab, tenant: campaign, messages: lab.sizes.queuedRows)
        try await lab.pause()
        try await fill()
        try await lab.resume()
        let loaded = try await self.delay(lab, other)
        var findings = Findings(faults: unloaded.faults + loaded.faults)
        if let (before, after) = unloaded.percentiles.flatMap({ before in loaded.percentiles.map { (before, $0) } }) {
            findings.values[.fairP99] = after.p99 / before.p99
            lab.progress.say("fair: unloaded \(before.text); beside the campaign \(after.text)")
        }
        let left = try await fill.left()
        if left == 0 { findings.faults.append("the campaign was over before the others were") }
        try await fill.remove()
        return findings
    }

    private func delay(_ lab: Lab, _ tenant: Tenant) async throws -> MeasureDelay.Result {
        let form = lab.sizes.form
        let measure = MeasureDelay(
            lab: lab,
            tenant: tenant,
            perSecond: form.value(full: 100, short: 20),
            warmUp: form.value(full: .seconds(3), short: .seconds(1)),
            // Of 6,000, sixty are slower than the 99th percentile: no single hiccup of the machine decides it.
            measured: form.value(full: .seconds(60), short: .seconds(2))
        )
        return try await measure()
    }
}
