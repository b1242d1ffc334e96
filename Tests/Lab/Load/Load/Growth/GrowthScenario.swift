/// P8: creates, drain and claim with months of history and a million queued, by the same without.
struct GrowthScenario: Scenario {
    static let name = ScenarioName.growth

    /// Of the account whose messages stay queued: the least there is, so that its claims are not among those that are timed.
    private static let campaignRate = 0.01

    private struct Rates {
        let creates: Double
        let drain: Double
        /// Claims a second, if there were nothing else to do.
        let claims: Double
    }

    func measure(_ lab: Lab) async throws -> Findings {
        let (tenant, campaign) = (try await lab.newTenant(), try await lab.newTenant(rate: Self.campaignRate))
        var findings = Findings()
        let empty = try await self.rates(lab, tenant, &findings)
        lab.progress.say(
            "growth: writing \(lab.sizes.historyRows) messages of history, \(lab.sizes.queuedRows) to be sent"
        )
        try await FillHistory(lab: lab, tenant: tenant, messages: lab.sizes.historyRows)()
        let backlog = FillBacklog(lab: lab, tenant: campaign, messages: lab.sizes.queuedRows)
        try await lab.pause()
        try await backlog()
        try await lab.resume()
        lab.progress.say("growth: measuring again")
        let grown = try await self.rates(lab, tenant, &findings)
        findings.values[.grownCreate] = Self.percent(grown.creates, of: empty.creates)
        findings.values[.grownDrain] = Self.percent(grown.drain, of: empty.drain)
        findings.values[.grownClaim] = Self.percent(grown.claims, of: empty.claims)
        try await backlog.remove()
        return findings
    }

    /// Nil without anything to compare with.
    static func percent(_ value: Double, of whole: Double) -> Double? {
        whole > 0 ? value / whole * 100 : nil
    }

    private func rates(_ lab: Lab, _ tenant: Tenant, _ findings: inout Findings) async throws -> Rates {
        let creates = try await lab.whilePaused(tenant) { try await MeasureCreates(lab, tenant, full: .seconds(10))() }
        findings.check(creates.tally.outcomes, of: "A create")
        let before = try await ClaimTime.now(lab)
        let messages = lab.sizes.form.value(full: 30_000, short: 500)
        let drain = try await MeasureDrain(lab: lab, tenants: [tenant], messages: messages)()
        findings.faults += drain.faults
        let claim = ClaimTime.perMessage(from: before, to: try await ClaimTime.now(lab)) ?? 0
        return Rates(creates: creates.perSecond, drain: drain.perSecond, claims: claim > 0 ? 1 / claim : 0)
    }
}
