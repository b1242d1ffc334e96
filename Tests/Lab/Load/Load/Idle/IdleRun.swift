import Foundation

/// Sends one message after another, each when the last one has arrived.
struct IdleRun {
    struct Tally: Sendable {
        /// From before the create call to the provider.
        var arrivals = Samples()
        /// Of the create call alone.
        var creates = Samples()
        /// Messages that had not arrived when we gave up.
        var missing = 0
        var outcomes = Outcomes()
    }

    /// Between two looks into the ledger.
    ///
    /// It adds nothing to what is measured, which the stub times; looking more often would take processor time from the
    /// way of the message.
    private static let look: Duration = .milliseconds(10)
    /// When a message counts as missing.
    private static let patience: Duration = .seconds(10)
    /// Newest entries looked at: ours is the last but for what others send.
    private static let entries = 16

    let client: LoadClient
    let stub: StubClient
    let body: MessageBody
    let clock: any Clock<Duration>

    func callAsFunction(warmUp: Int, samples: Int, pause: Duration) async throws -> Tally {
        let marks = RunMarks()
        var warming = Tally()
        for number in 0..<warmUp { try await self.sample(number, marks, pause: pause, into: &warming) }
        var tally = Tally()
        for number in warmUp..<(warmUp + samples) { try await self.sample(number, marks, pause: pause, into: &tally) }
        return tally
    }

    private func sample(_ number: Int, _ marks: RunMarks, pause: Duration, into tally: inout Tally) async throws {
        let body = self.body.buffer(number, mark: marks.mark(number))
        let sentAt = Date()
        let start = ContinuousClock.now
        do throws(LoadFailure) {
            let answer = try await self.client.post("/api/v1/messages", body)
            tally.outcomes.count(answer, expected: 202)
            guard answer.status == 202 else { return }
            tally.creates.append(ContinuousClock.now - start)
        } catch {
            tally.outcomes.count(error)
            return
        }
        if let arrival = try await self.arrival(number, marks) {
            tally.arrivals.append(.seconds(arrival.at.timeIntervalSince(sentAt)))
        } else {
            tally.missing += 1
        }
        try await self.clock.sleep(for: pause)
    }

    private func arrival(_ number: Int, _ marks: RunMarks) async throws -> Arrival? {
        var waited: Duration = .zero
        while waited < Self.patience {
            let arrivals = try await self.stub.arrivals(of: marks, last: Self.entries)
            if let arrival = arrivals.first(where: { $0.number == number }) { return arrival }
            try await self.clock.sleep(for: Self.look)
            waited += Self.look
        }
        return nil
    }
}
