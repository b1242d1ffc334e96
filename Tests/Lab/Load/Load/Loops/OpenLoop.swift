/// Requests at a steady rate, whatever becomes of those before.
///
/// Each is timed from the moment at which it was to be sent: a wait for a connection, or for this program, counts.
struct OpenLoop: Sendable {
    /// Requests under way at once.
    ///
    /// One that would be more is not sent, and counts as without an answer: a server that falls behind for good must not take
    /// the memory of the program that measures it.
    static let most = 20_000

    let perSecond: Double
    /// The status that counts as a success.
    let expected: Int
    var warmUp = Duration.zero
    let measured: Duration
    var most = Self.most
    var clock: any Clock<Duration> = ContinuousClock()

    /// Sends the requests from the number `first` on, and returns when its time is over and the last one is answered.
    ///
    /// Counts those that were to be sent after the warm-up.
    func callAsFunction(_ request: some LoadRequest, from first: Int = 0) async -> Tally {
        await self.send(request, from: first, by: self.clock)
    }

    private func send<C: Clock<Duration>>(_ request: some LoadRequest, from first: Int, by clock: C) async -> Tally {
        let (tally, underWay) = (SharedTally(), SharedCounter())
        let start = clock.now
        let length = self.warmUp + self.measured
        await withDiscardingTaskGroup { group in
            for number in 0..<Int(length / .seconds(1) * self.perSecond) {
                let wait = Duration.seconds(1) * (Double(number) / self.perSecond)
                let moment = start.advanced(by: wait)
                if moment > clock.now { try? await clock.sleep(until: moment, tolerance: .zero) }
                guard !Task.isCancelled else { return }
                let isMeasured = wait >= self.warmUp
                guard underWay.current < self.most else {
                    if isMeasured { tally.count(.failure(self.refusal), expected: self.expected, after: .zero) }
                    continue
                }
                underWay.take()
                group.addTask {
                    let result = await request.result(first + number)
                    underWay.give()
                    guard isMeasured else { return }
                    tally.count(result, expected: self.expected, after: moment.duration(to: clock.now))
                }
            }
            try? await clock.sleep(until: start.advanced(by: length), tolerance: .zero)
        }
        return tally.value
    }

    /// Of a request that was not sent.
    var refusal: LoadFailure { LoadFailure("Not sent: \(self.most) were under way.") }
}
