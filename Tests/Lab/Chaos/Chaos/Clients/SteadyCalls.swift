/// Makes calls at a steady rate, each beside those that are not answered yet, as far as they are not too many.
struct SteadyCalls: Sendable {
    let perSecond: Double
    /// Calls without an answer, beyond which clients wait.
    ///
    /// An outage of twenty seconds does not hold them up. Without a bound a longer one left thousands that timed out and began
    /// anew, and nothing else on the machine came to its turn.
    let unanswered: Int

    /// Calls with 0, 1, 2 and so on until told to end, and returns when every call is answered.
    ///
    /// What was held up is not made up for.
    /// - Returns: how many calls were made.
    func callAsFunction(
        while goesOn: @Sendable () -> Bool,
        _ call: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Int {
        let clock = ContinuousClock()
        return try await withThrowingTaskGroup(of: Void.self) { calls in
            var (number, uncollected) = (0, 0)
            var due = clock.now
            while goesOn() {
                try await clock.sleep(until: due)
                if uncollected == self.unanswered {
                    try await calls.next()
                    uncollected -= 1
                }
                let current = number
                calls.addTask { try await call(current) }
                (number, uncollected) = (number + 1, uncollected + 1)
                due = max(due + .seconds(1 / self.perSecond), clock.now)
            }
            try await calls.waitForAll()
            return number
        }
    }
}
