package import Shared

/// Speaks one provider's protocol.
package protocol Provider: Sendable {
    var kind: ProviderKind { get }

    /// Makes one attempt and says how it ended; throws nothing.
    ///
    /// When the deadline passes, the attempt is over: without effect if nothing had left, `uncertain` otherwise.
    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome
}
