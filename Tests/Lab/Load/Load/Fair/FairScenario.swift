/// P12: what others feel of an organization that has a million queued, of which as many are sent each second as WhatsApp allows.
struct FairScenario: Scenario {
    static let name = ScenarioName.fair

    /// Of the campaign's account: what a number may send at first, and at most.
    private static let rates: [(FigureName, perSecond: Double)] = [(.fairP99AtOrdinaryRate, 80), (.fairP99, 1000)]

    func measure(_ lab: Lab) async throws -> Findings {
        let (campaign, other) = (try await lab.newTenant(), try await lab.newTenant())
        let unloaded = try await self.delay(lab, other)
        lab.progress.say("fair: queueing \(lab.sizes.queuedRows) messages")
        let fill = FillBacklog(lab: lab, tenant: campaign, messages: lab.sizes.queuedRows)
        try await lab.pause()
        try await fill()
        var findings = Findings(faults: unloaded.faults)
        for (figure, rate) in Self.rates {
            try await campaign.account.change(lab.api.with(key: campaign.key), rate: rate)
            try await lab.resume()
            let loaded = try await self.delay(lab, other)
            findings.faults += loaded.faults
            guard let before = unloaded.percentiles, let after = loaded.percentiles else { continue }
            findings.values[figure] = after.p99 / before.p99
            lab.progress.say("fair: unloaded \(before.text); beside \(Int(rate))/s \(after.text)")
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
            // More would be a matter of what the machine can do: at 100 a second two processors are two thirds busy with them alone.
            perSecond: form.value(full: 60, short: 20),
            warmUp: form.value(full: .seconds(3), short: .seconds(1)),
            // Of 4,800, 48 are slower than the 99th percentile: no single hiccup of the machine decides it. With what the campaign
            // sends meanwhile it is less than the stub's ledger shows at once.
            measured: form.value(full: .seconds(80), short: .seconds(2))
        )
        return try await measure()
    }
}
