import Installation
import Shared

/// The customers of one organization, who write at a steady rate.
struct Writer: Sendable {
    let tenant: Int
    let traffic: InboundTraffic
    let rate: Double

    /// Writes until told to end, and returns when everything was taken.
    ///
    /// - Returns: how many messages that were.
    func run(while goesOn: @escaping @Sendable () -> Bool) async throws -> Int {
        let clock = ContinuousClock()
        let start = clock.now
        return try await withThrowingDiscardingTaskGroup(returning: Int.self) { tasks in
            var beat = 0
            while goesOn() {
                try await clock.sleep(until: start + .seconds(Double(beat) / self.rate))
                let number = beat
                tasks.addTask { try await self.traffic.post(number) }
                beat += 1
            }
            return beat
        }
    }

    /// Answers that a provider is never to get.
    var odd: [String] {
        let known: Set<Int?> = [nil, 200, 503]
        let statuses = self.traffic.all.map(\.status).filter { !known.contains($0) }
        return statuses.compactMap { $0.map { "a webhook was answered \($0)" } }
    }
}
