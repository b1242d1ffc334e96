import Foundation

/// Creates at a steady rate, and measures each from the moment at which it was to be sent until the provider has it.
struct MeasureDelay: Sendable {
    struct Result: Sendable {
        let percentiles: Percentiles?
        let faults: [String]
    }

    private static let patience = 50
    private static let look = Duration.milliseconds(200)

    let lab: Lab
    let tenant: Tenant
    let perSecond: Double
    let warmUp: Duration
    let measured: Duration

    func callAsFunction() async throws -> Result {
        let marks = RunMarks()
        let before = try await self.lab.stub.acceptedCount()
        var create = try CreateMessage.whatsApp(self.lab, self.tenant)
        create.marks = marks
        let timed = TimedCreate(create: create, start: Date(), perSecond: self.perSecond)
        let loop = OpenLoop(
            perSecond: self.perSecond,
            expected: CreateMessage.created,
            measured: self.warmUp + self.measured
        )
        let tally = await loop(timed)
        let arrivals = try await self.arrivals(of: tally.latencies.count, marks, beyond: before)
        let first = Int(self.warmUp / .seconds(1) * self.perSecond)
        var delays = LatencyHistogram()
        for arrival in arrivals where arrival.number >= first {
            delays.append(.seconds(arrival.at.timeIntervalSince(timed.moment(arrival.number))))
        }
        var findings = Findings()
        findings.check(tally.outcomes, of: "A create")
        if arrivals.count < tally.latencies.count {
            findings.faults.append("\(tally.latencies.count - arrivals.count) messages did not arrive in time")
        }
        return Result(percentiles: delays.percentiles, faults: findings.faults)
    }

    /// Waits for the last of them for ten seconds.
    private func arrivals(of count: Int, _ marks: RunMarks, beyond before: Int) async throws -> [Arrival] {
        var arrivals: [Arrival] = []
        for _ in 0..<Self.patience {
            let accepted = try await self.lab.stub.acceptedCount() - before
            arrivals = try await self.lab.stub.arrivals(of: marks, last: accepted)
            if arrivals.count >= count { break }
            try await Task.sleep(for: Self.look)
        }
        return arrivals
    }
}

/// Creates, and knows when each was to be sent.
private struct TimedCreate: LoadRequest {
    let create: CreateMessage
    let start: Date
    let perSecond: Double

    func moment(_ number: Int) -> Date { self.start.addingTimeInterval(Double(number) / self.perSecond) }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer { try await self.create(number) }
}
