/// Five times as many creates as can be answered, or as many as can be sent, by one organization: how many are, what the others are
/// told, what it takes, and what another organization with a few notices.
struct OverloadScenario: Scenario {
    static let name = ScenarioName.overload

    private static let factor = 5.0
    /// More than the 1,000 creates that the gateway lets wait: with fewer they would wait here, where nobody refuses them.
    private static let connections = 3072
    /// The other organization's.
    private static let othersPerSecond = 20.0

    func measure(_ lab: Lab) async throws -> Findings {
        let (tenant, other) = (try await lab.newTenant(), try await lab.newTenant())
        return try await lab.whilePaused(tenant, other) {
            let peak = try await MeasureCreates(lab, tenant, full: .seconds(8))()
            guard peak.perSecond > 0 else { throw LoadFailure("No message could be created.") }
            let create = try CreateMessage.whatsApp(lab, tenant, connections: Self.connections)
            let few = try CreateMessage.whatsApp(lab, other)
            return try await self.overload(create, beside: few, peak.perSecond, lab)
        }
    }

    private func overload(
        _ create: CreateMessage,
        beside few: CreateMessage,
        _ peak: Double,
        _ lab: Lab
    ) async throws -> Findings {
        let form = lab.sizes.form
        var loop = OpenLoop(
            perSecond: peak * Self.factor,
            expected: CreateMessage.created,
            // Its connections are opened then.
            warmUp: form.value(full: .seconds(5), short: .seconds(1)),
            measured: form.value(full: .seconds(15), short: .seconds(2)),
            // None waits here for a connection.
            most: Self.connections
        )
        let request = CountedRefusals(
            create: create,
            from: Int((loop.warmUp / .seconds(1) * loop.perSecond).rounded(.up))
        )
        let flood = loop
        loop.perSecond = Self.othersPerSecond
        let steady = loop
        let ((tally, others), memory) = try await SampleMemory(lab: lab).during {
            async let others = steady(few)
            return (await flood(request), await others)
        }
        let created = tally.latencies.count
        // What this program could not send on the processors that it shares was not refused either.
        let sent = tally.outcomes.total - (tally.outcomes.errors[flood.refusal.sentence] ?? 0)
        lab.progress.say("overload: another organization's creates \(others.latencies.percentiles?.text ?? "failed")")
        var findings = Findings(
            values: [
                .overloadOffered: Self.factor * Double(sent - tally.late) / Double(max(1, tally.outcomes.total)),
                .overloadGoodput: Double(created) / (loop.measured / .seconds(1)) / peak * 100,
                .overloadAnswered: Self.share(of: request.proper.current, in: sent - created),
                .overloadMemory: memory.largest.megabytes,
                .overloadOthers: Self.share(of: others.latencies.count, in: others.outcomes.total),
            ],
            faults: Self.faults(tally.outcomes) + Self.faults(others.outcomes)
        )
        findings.values[.overloadOthersP99] = others.latencies.percentiles?.p99
        return findings
    }

    /// In percent; all of nothing.
    static func share(of part: Int, in whole: Int) -> Double {
        whole == 0 ? 100 : Double(part) / Double(whole) * 100
    }

    /// A refusal is what is expected here; an answer 500 never is.
    static func faults(_ outcomes: Outcomes) -> [String] {
        outcomes.statuses.filter { $0.key.hasPrefix("500") }.map { "\($0.value) creates were answered \($0.key)" }
    }
}

/// Counts the refusals that say when to come again.
struct CountedRefusals: LoadRequest {
    private static let statuses: Set = [429, 503]

    let create: CreateMessage
    /// The number of the first that counts.
    let from: Int
    let proper = SharedCounter()

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let answer = try await self.create(number)
        if number >= self.from, Self.statuses.contains(answer.status), answer.retryAfter != nil { self.proper.take() }
        return answer
    }
}
