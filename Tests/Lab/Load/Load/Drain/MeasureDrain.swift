import Foundation

/// Fills the queue while nothing is sent, and measures from the first to the last arrival at the provider.
struct MeasureDrain: Sendable {
    struct Result: Sendable {
        let perSecond: Double
        let arrivals: [Arrival]
        let faults: [String]
    }

    let lab: Lab
    /// Each sends its part.
    let tenants: [Tenant]
    /// Of all together; the stub remembers 100,000.
    let messages: Int

    func callAsFunction() async throws -> Result {
        let marks = RunMarks()
        let before = try await self.lab.stub.acceptedCount()
        try await self.lab.pause()
        let filled = await self.fill(marks)
        guard filled.accepted >= 2 else {
            throw LoadFailure("The queue could not be filled: \(filled.outcomes.rows.map { "\($0.0) \($0.1)" })")
        }
        try await self.lab.resume()
        let wait = AwaitArrivals(stub: self.lab.stub, patience: .seconds(60), clock: ContinuousClock())
        let count = try await wait(count: filled.accepted, beyond: before, dueIn: 0)
        let arrivals = try await self.lab.stub.arrivals(of: marks, last: count)
        try await self.lab.settle(self.tenants)
        return Result(
            perSecond: Self.perSecond(arrivals.map(\.at)),
            arrivals: arrivals,
            faults: Self.faults(arrivals.map(\.number), accepted: filled.accepted, of: self.messages)
        )
    }

    /// Arrivals after the first, by the time that they took; 0 for fewer than two.
    static func perSecond(_ times: [Date]) -> Double {
        guard let first = times.min(), let last = times.max(), last > first else { return 0 }
        return Double(times.count - 1) / last.timeIntervalSince(first)
    }

    static func faults(_ numbers: [Int], accepted: Int, of messages: Int) -> [String] {
        let different = Set(numbers).count
        var faults: [String] = []
        if accepted < messages { faults.append("\(messages - accepted) of \(messages) messages were not created") }
        if different < accepted { faults.append("\(accepted - different) messages never arrived") }
        if numbers.count > different { faults.append("\(numbers.count - different) messages arrived twice") }
        return faults
    }

    private func fill(_ marks: RunMarks) async -> FillQueue.Tally {
        var filled = FillQueue.Tally()
        let part = self.messages / self.tenants.count
        for (index, tenant) in self.tenants.enumerated() {
            let first = index * part
            let fill = FillQueue(
                client: self.lab.api.with(key: tenant.key),
                // Different ones, so that no order within a conversation holds anything up.
                body: MessageBody(channel: .whatsapp, recipients: self.messages, text: "load"),
                marks: marks,
                messages: index == self.tenants.count - 1 ? self.messages - first : part,
                first: first
            )
            let tally = await fill()
            filled.accepted += tally.accepted
            filled.outcomes.add(tally.outcomes)
        }
        return filled
    }
}
