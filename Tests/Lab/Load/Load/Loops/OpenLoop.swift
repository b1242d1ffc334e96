/// Requests at a steady rate, whatever becomes of those before.
///
/// Each is timed from the moment at which it was to be sent: a wait for a connection, or for this program, counts.
struct OpenLoop: Sendable {
    /// Requests under way at once.
    ///
    /// One that would be more is not sent, and counts as without an answer: a server that falls behind for good must not take
    /// the memory of the program that measures it.
    static let most = 20_000

    var perSecond: Double
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
        let run = Run(loop: self, first: first, clock: clock)
        await withDiscardingTaskGroup { lanes in
            for lane in 0..<run.lanes { lanes.addTask { await run.send(request, lane) } }
        }
        return run.tally.value
    }

    private var length: Duration { self.warmUp + self.measured }

    /// Of a request that was not sent.
    var refusal: LoadFailure { LoadFailure("Not sent: \(self.most) were under way.") }
}

extension OpenLoop {
    /// One time of sending.
    private struct Run<C: Clock<Duration>>: Sendable {
        /// Requests a second of a lane, where there are so many.
        private static var perLane: Double { 1000 }
        private static var mostLanes: Int { 16 }
        private static var late: Duration { .milliseconds(100) }

        let loop: OpenLoop
        let first: Int
        let clock: C
        let start: C.Instant
        let tally = SharedTally()
        /// Each sends the requests of every so many numbers: a task group searches for each task that has ended among all others,
        /// which takes longer than a request where a thousand wait.
        let lanes: Int
        private let underWay = SharedCounter()

        init(loop: OpenLoop, first: Int, clock: C) {
            self.loop = loop
            self.first = first
            self.clock = clock
            self.start = clock.now
            self.lanes = max(1, min(Self.mostLanes, Int(loop.perSecond / Self.perLane)))
        }

        func send(_ request: some LoadRequest, _ lane: Int) async {
            let count = Int(self.loop.length / .seconds(1) * self.loop.perSecond)
            await withDiscardingTaskGroup { requests in
                for number in stride(from: lane, to: count, by: self.lanes) {
                    let wait = Duration.seconds(1) * (Double(number) / self.loop.perSecond)
                    let moment = self.start.advanced(by: wait)
                    if moment > self.clock.now { try? await self.clock.sleep(until: moment, tolerance: .zero) }
                    guard !Task.isCancelled else { return }
                    let isMeasured = wait >= self.loop.warmUp
                    guard self.underWay.take() < self.loop.most else {
                        self.underWay.give()
                        if isMeasured { self.count(.failure(self.loop.refusal), since: moment) }
                        continue
                    }
                    if isMeasured, moment.duration(to: self.clock.now) > Self.late { self.tally.countLate() }
                    requests.addTask {
                        let result = await request.result(self.first + number)
                        self.underWay.give()
                        if isMeasured { self.count(result, since: moment) }
                    }
                }
                try? await self.clock.sleep(until: self.start.advanced(by: self.loop.length), tolerance: .zero)
            }
        }

        private func count(_ result: Result<LoadAnswer, LoadFailure>, since moment: C.Instant) {
            self.tally.count(result, expected: self.loop.expected, after: moment.duration(to: self.clock.now))
        }
    }
}
