/// What happens to a message after it was accepted; each provider has its own word for it.
package enum CallbackStatus: String, Codable, Sendable, CaseIterable {
    case sent
    case delivered
    case read
    case failed
}

/// Turns one message's statuses into the provider's signed requests.
protocol StatusReporter: Sendable {
    /// Nil when the provider does not report this status, or nobody listens.
    func post(_ status: CallbackStatus) -> SignedPost?
}

/// A callback as it goes out.
struct SignedPost: Sendable {
    let url: String
    let contentType: String
    let headers: [(name: String, value: String)]
    let body: String
}
