/// Creates messages at a steady rate, whatever becomes of those before.
struct SteadyCreates: Sendable {
    let client: LoadClient
    let body: MessageBody
    let perSecond: Int

    /// Sends for as long as `stretch`, and waits for the last answer.
    ///
    /// Each is timed from the moment at which it was to be sent: a wait for a connection counts.
    func callAsFunction(_ stretch: Duration, from first: Int) async -> CreateRun.Tally {
        let start = ContinuousClock.now
        let count = Int(stretch / .seconds(1) * Double(self.perSecond))
        return await withTaskGroup(of: CreateRun.Tally.self) { group in
            for number in 0..<count {
                let moment = start + .seconds(1) * (Double(number) / Double(self.perSecond))
                if moment > .now { try? await Task.sleep(until: moment) }
                group.addTask { await self.create(first + number, at: moment) }
            }
            var total = CreateRun.Tally()
            for await tally in group {
                total.latencies.append(contentsOf: tally.latencies)
                total.outcomes.add(tally.outcomes)
            }
            return total
        }
    }

    private func create(_ number: Int, at moment: ContinuousClock.Instant) async -> CreateRun.Tally {
        var tally = CreateRun.Tally()
        do {
            let answer = try await self.client.post("/api/v1/messages", self.body.buffer(number))
            tally.outcomes.count(answer, expected: 202)
            if answer.status == 202 { tally.latencies.append(ContinuousClock.now - moment) }
        } catch {
            tally.outcomes.count(error)
        }
        return tally
    }
}
