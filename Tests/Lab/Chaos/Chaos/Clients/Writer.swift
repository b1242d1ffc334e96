import Installation
import Shared

/// The customers of one organization, who write at a steady rate.
struct Writer: Sendable {
    private static let unanswered = 200

    let tenant: Int
    let traffic: InboundTraffic
    let rate: Double

    /// Writes until told to end, and returns when everything was taken.
    ///
    /// - Returns: how many messages that were.
    func run(while goesOn: @escaping @Sendable () -> Bool) async throws -> Int {
        let calls = SteadyCalls(perSecond: self.rate, unanswered: Self.unanswered)
        return try await calls(while: goesOn) { try await self.traffic.post($0) }
    }

    /// Answers that a provider is never to get.
    var odd: [String] {
        let known: Set<Int?> = [nil, 200, 503]
        let statuses = self.traffic.all.map(\.status).filter { !known.contains($0) }
        return statuses.compactMap { $0.map { "a webhook was answered \($0)" } }
    }
}
