/// Connections that each send their next request when the last one is answered.
struct ClosedLoop: Sendable {
    let connections: Int
    /// The status that counts as a success.
    let expected: Int
    var clock: any Clock<Duration> = ContinuousClock()

    /// Counts what is answered within the measured time, whenever it was sent.
    func callAsFunction(_ request: some LoadRequest, warmUp: Duration, measured: Duration) async -> Tally {
        await self.send(request, warmUp: warmUp, measured: measured, by: self.clock)
    }

    /// Sends so many, and counts all of them.
    func callAsFunction(_ request: some LoadRequest, count: Int) async -> Tally {
        await self.send(request, count: count, by: self.clock)
    }

    private func send<C: Clock<Duration>>(
        _ request: some LoadRequest,
        warmUp: Duration,
        measured: Duration,
        by clock: C
    ) async -> Tally {
        let start = clock.now.advanced(by: warmUp)
        let window = start..<start.advanced(by: measured)
        let tally = SharedTally()
        await self.eachConnection { number in
            let sentAt = clock.now
            guard sentAt < window.upperBound else { return false }
            let result = await request.result(number)
            let end = clock.now
            if window.contains(end) { tally.count(result, expected: self.expected, after: sentAt.duration(to: end)) }
            return true
        }
        return tally.value
    }

    private func send<C: Clock<Duration>>(_ request: some LoadRequest, count: Int, by clock: C) async -> Tally {
        let tally = SharedTally()
        await self.eachConnection { number in
            guard number < count else { return false }
            let sentAt = clock.now
            let result = await request.result(number)
            tally.count(result, expected: self.expected, after: sentAt.duration(to: clock.now))
            return true
        }
        return tally.value
    }

    /// Calls `send` on each connection until it says that it is enough.
    private func eachConnection(_ send: @escaping @Sendable (Int) async -> Bool) async {
        let next = SharedCounter()
        await withDiscardingTaskGroup { group in
            for _ in 0..<self.connections {
                group.addTask {
                    while !Task.isCancelled, await send(next.take()) {}
                }
            }
        }
    }
}
