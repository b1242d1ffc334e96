/// Connections that each send their next request when the last one is answered.
struct ClosedLoop: Sendable {
    let connections: Int
    /// The status that counts as a success.
    let expected: Int

    /// Counts what is answered within the measured time, whenever it was sent.
    func callAsFunction(_ request: some LoadRequest, warmUp: Duration, measured: Duration) async -> Tally {
        let start = ContinuousClock.now + warmUp
        let window = start..<(start + measured)
        let tally = SharedTally()
        await self.eachConnection { number in
            let sentAt = ContinuousClock.now
            guard sentAt < window.upperBound else { return false }
            let result = await request.result(number)
            let end = ContinuousClock.now
            if window.contains(end) { tally.count(result, expected: self.expected, after: end - sentAt) }
            return true
        }
        return tally.value
    }

    /// Sends so many, and counts all of them.
    func callAsFunction(_ request: some LoadRequest, count: Int) async -> Tally {
        let tally = SharedTally()
        await self.eachConnection { number in
            guard number < count else { return false }
            let sentAt = ContinuousClock.now
            let result = await request.result(number)
            tally.count(result, expected: self.expected, after: ContinuousClock.now - sentAt)
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
