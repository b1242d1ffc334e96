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
        let findings = try await withDeliveries(at: lab.stub, every: GatedCreate.look) { deliveries in
            let before = try await lab.stub.acceptedCount()
            let create = GatedCreate(
                create: try .whatsApp(lab, tenant),
                deliveries: deliveries,
                before: before,
                longest: longest
            )
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

/// Creates a message as soon as the queue has room for it.
struct GatedCreate: LoadRequest {
    /// Between two looks at what the provider has taken.
    static let look = Duration.milliseconds(20)
    private static let pause = Duration.milliseconds(2)

    let create: CreateMessage
    let deliveries: Deliveries
    /// What the provider had taken before.
    let before: Int
    /// Of the queue.
    let longest: Int
    private let created = SharedCounter()

    init(create: CreateMessage, deliveries: Deliveries, before: Int, longest: Int) {
        self.create = create
        self.deliveries = deliveries
        self.before = before
        self.longest = longest
    }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        self.created.take()
        while self.created.current - (self.deliveries.accepted - self.before) > self.longest, !Task.isCancelled {
            try? await Task.sleep(for: Self.pause)
        }
        return try await self.create(number)
    }
}
