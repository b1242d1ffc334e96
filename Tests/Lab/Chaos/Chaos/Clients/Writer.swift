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
        self.traffic.all.compactMap { call in
            switch call.status {
            case nil, 200: nil
            case 503: call.hasRetryAfter ? nil : "a webhook was answered 503 without Retry-After"
            case .some(let status): "a webhook was answered \(status)"
            }
        }
    }
}
