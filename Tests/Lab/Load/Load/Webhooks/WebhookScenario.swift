import Foundation
import Postgres

/// P7: statuses of messages that were sent, until they are applied; and how soon a webhook is answered.
struct WebhookScenario: Scenario {
    static let name = ScenarioName.webhooks

    private static let connections = 16
    private static let patience = Duration.seconds(60)
    private static let look = Duration.milliseconds(50)

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        var findings = try await self.statuses(lab, tenant)
        findings.add(try await self.acknowledgements(lab, tenant))
        return findings
    }

    private func statuses(_ lab: Lab, _ tenant: Tenant) async throws -> Findings {
        let messages = lab.sizes.form.value(full: 20_000, short: 400)
        let sent = try await MeasureDrain(lab: lab, tenants: [tenant], messages: messages)()
        let post = PostStatuses(
            client: lab.inbound,
            account: tenant.account,
            sent: sent.arrivals.compactMap(\.providerID)
        )
        let start = ContinuousClock.now
        let loop = ClosedLoop(connections: Self.connections, expected: PostWebhook.taken)
        let tally = await loop(post, count: post.webhookCount)
        let applied = try await self.applied(post.statusCount, of: tenant, lab)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        var findings = Findings(values: [.statusRate: Double(applied) / seconds], faults: sent.faults)
        findings.check(tally.outcomes, of: "A webhook")
        if applied < post.statusCount {
            findings.faults.append("\(post.statusCount - applied) of \(post.statusCount) statuses were not applied")
        }
        return findings
    }

    /// Waits for so many statuses to be applied, and returns how many were.
    private func applied(_ count: Int, of tenant: Tenant, _ lab: Lab) async throws -> Int {
        let database = try await lab.database("messaging")
        let deadline = ContinuousClock.now + Self.patience
        var applied = 0
        repeat {
            let rows = try await database.query(
                """
                SELECT count(*) AS applied FROM provider_events
                 WHERE org_id = \(tenant.id)::uuid AND effect <> 'unmatched'
                """
            )
            applied = try rows.first?.get("applied", as: Int.self) ?? 0
            if applied < count { try await Task.sleep(for: Self.look) }
        } while applied < count && ContinuousClock.now < deadline
        await database.close()
        return applied
    }

    private func acknowledgements(_ lab: Lab, _ tenant: Tenant) async throws -> Findings {
        let form = lab.sizes.form
        let run = WebhookRun(
            client: lab.inbound,
            payloads: WebhookPayloads(account: tenant.account, customers: 1000, statuses: 50),
            webhooksPerSecond: form.value(full: 500, short: 50),
            batch: 1,
            warmUp: form.value(full: .seconds(5), short: .seconds(1)),
            measured: form.value(full: .seconds(20), short: .seconds(2))
        )
        let tally = await run().tally
        var findings = Findings()
        findings.values[.ackP50] = tally.latencies.percentiles?.p50
        findings.values[.ackP99] = tally.latencies.percentiles?.p99
        findings.check(tally.outcomes, of: "A webhook")
        return findings
    }
}
