import Postgres

/// P9: minutes at 80 % of what is delivered while as much is created, beside a snapshot that keeps all dead rows.
struct SoakScenario: Scenario {
    static let name = ScenarioName.soak

    private static let part = 0.8
    private static let look = Duration.milliseconds(200)
    /// Before the first minute, and after the last, so that each is whole.
    private static let start = Duration.seconds(2)
    private static let end = Duration.seconds(1)
    /// Calls under way: more would only wait for each other, and the queue would grow where nobody looks.
    private static let calls = 8

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        let form = lab.sizes.form
        let capacity = try await self.capacity(lab, tenant)
        let length = lab.sizes.length(minutes: 10, shortSeconds: 3)
        let minute = form.value(full: Duration.seconds(60), short: length / 2)
        let snapshot = try await self.holdSnapshot(lab)
        let (looks, tally) = try await withDeliveries(at: lab.stub, every: Self.look) { deliveries in
            let tally = await self.feed(
                lab,
                tenant,
                perSecond: capacity * Self.part,
                for: Self.start + length + Self.end
            )
            return (deliveries.looks, tally)
        }
        await snapshot.close()
        try await lab.settle([tenant])
        let rates = Self.rates(looks, after: Self.start, each: minute)
        let told = rates.map { "\(Int($0.rounded()))" }.joined(separator: ", ")
        lab.progress.say("soak: of \(Int((capacity * Self.part).rounded())) a second were delivered: \(told)")
        var findings = Findings(
            values: [
                .soakRate: Self.slowest(rates) * 100,
                .soakOutbox: try await self.outboxMegabytes(lab),
            ]
        )
        findings.check(tally.outcomes, of: "A batch")
        return findings
    }

    /// What is delivered a second of batches that are created as fast as a short queue has room for them.
    private func capacity(_ lab: Lab, _ tenant: Tenant) async throws -> Double {
        let form = lab.sizes.form
        let warmUp: Duration = form.value(full: .seconds(5), short: .seconds(1))
        let measured: Duration = form.value(full: .seconds(20), short: .seconds(2))
        let size = form.value(full: 250, short: 50)
        let rate = try await withDeliveries(at: lab.stub, every: Gate.look) { deliveries in
            let before = try await lab.stub.acceptedCount()
            let gate = Gate(deliveries: deliveries, before: before, longest: size * Self.calls)
            let start = ContinuousClock.now + warmUp
            let loop = ClosedLoop(connections: Self.calls, expected: CreateBatch.answered)
            _ = await loop(
                Gated(self.batch(lab, tenant, size), of: size, by: gate),
                warmUp: warmUp,
                measured: measured
            )
            return Deliveries.perSecond(deliveries.looks, in: start..<start + measured)
        }
        guard rate > 0 else { throw LoadFailure("Nothing was delivered.") }
        try await lab.settle([tenant])
        return rate
    }

    /// What was delivered a second in each whole part of a run.
    static func rates(_ looks: [Deliveries.Look], after wait: Duration, each length: Duration) -> [Double] {
        guard let first = looks.first?.at, let last = looks.last?.at else { return [] }
        let parts = Int((last - first - wait) / length)
        return (0..<max(0, parts)).map { part in
            let from = first + wait + length * part
            return Deliveries.perSecond(looks, in: from..<from + length)
        }
    }

    /// The slowest part by the first; 0 when there are no two.
    static func slowest(_ rates: [Double]) -> Double {
        guard let opening = rates.first, opening > 0, let least = rates.dropFirst().min() else { return 0 }
        return least / opening
    }

    /// Creates in batches, five a second or as large as a batch may be.
    private func feed(
        _ lab: Lab,
        _ tenant: Tenant,
        perSecond: Double,
        for length: Duration
    ) async -> Tally {
        let size = min(CreateBatch.most, max(1, Int(perSecond / 5)))
        let loop = OpenLoop(
            perSecond: perSecond / Double(size),
            expected: CreateBatch.answered,
            measured: length,
            most: Self.calls
        )
        return await loop(self.batch(lab, tenant, size))
    }

    private func batch(_ lab: Lab, _ tenant: Tenant, _ size: Int) -> CreateBatch {
        CreateBatch(
            client: lab.api.with(key: tenant.key),
            body: MessageBody(channel: .whatsapp, recipients: 100_000, text: "Your parcel arrives today."),
            size: size
        )
    }

    private func holdSnapshot(_ lab: Lab) async throws -> PostgresConnection {
        let connection = try await lab.database("messaging")
        try await connection.execute(
            script: """
                SET idle_in_transaction_session_timeout = 0;
                BEGIN ISOLATION LEVEL REPEATABLE READ;
                SELECT count(*) FROM outbox
                """
        )
        return connection
    }

    /// Once autovacuum, which comes each minute, has begun without the snapshot: one may have begun with it.
    private func outboxMegabytes(_ lab: Lab) async throws -> Double {
        let connection = try await lab.database("messaging")
        let (vacuums, patience) = (
            try await self.vacuums(connection),
            ContinuousClock.now + lab.sizes.form.value(full: .seconds(150), short: .zero)
        )
        while try await self.vacuums(connection) < vacuums + 2, .now < patience {
            try await Task.sleep(for: .seconds(1))
        }
        let rows = try await connection.query("SELECT pg_table_size('outbox') AS bytes")
        await connection.close()
        return Double(try rows.first?.get("bytes", as: Int.self) ?? 0) / 1_048_576
    }

    private func vacuums(_ connection: PostgresConnection) async throws -> Int {
        let rows = try await connection.query(
            "SELECT autovacuum_count AS count FROM pg_stat_user_tables WHERE relname = 'outbox'"
        )
        return try rows.first?.get("count") ?? 0
    }
}
