/// Five times as many creates as can be answered, or as many as can be sent: how many are, what the others are told, and what it
/// takes.
struct OverloadScenario: Scenario {
    static let name = ScenarioName.overload

    private static let factor = 5.0
    /// More than the 1,000 creates that the gateway lets wait: with fewer they would wait here, where nobody refuses them.
    private static let connections = 2048

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        return try await lab.whilePaused(tenant) {
            let peak = await MeasureCreates(lab, tenant, full: .seconds(8))()
            guard peak.perSecond > 0 else { throw LoadFailure("No message could be created.") }
            return try await LoadClient.with(lab.api.baseURL, connections: Self.connections) { client in
                let request = CountedRefusals(create: .whatsApp(lab, tenant, over: client))
                return try await self.overload(request, peak.perSecond, lab)
            }
        }
    }

    private func overload(_ request: CountedRefusals, _ peak: Double, _ lab: Lab) async throws -> Findings {
        let loop = OpenLoop(
            perSecond: peak * Self.factor,
            expected: CreateMessage.created,
            measured: lab.sizes.form.value(full: .seconds(15), short: .seconds(2))
        )
        let start = ContinuousClock.now
        let (tally, memory) = try await SampleMemory(lab: lab).during { await loop(request) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let created = tally.latencies.count
        // What this program could not send on the processors that it shares was not refused either.
        let sent = tally.outcomes.total - (tally.outcomes.errors[loop.refusal.sentence] ?? 0)
        return Findings(
            values: [
                .overloadOffered: Double(sent) / seconds / peak,
                .overloadGoodput: Double(created) / seconds / peak * 100,
                .overloadAnswered: Self.share(of: request.proper.current, in: sent - created),
                .overloadMemory: memory.largest.megabytes,
            ],
            faults: Self.faults(tally.outcomes)
        )
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
    let proper = SharedCounter()

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let answer = try await self.create(number)
        if Self.statuses.contains(answer.status), answer.retryAfter != nil { self.proper.take() }
        return answer
    }
}
