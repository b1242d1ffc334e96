import Postgres
package import Shared

/// WhatsApp's customer service window: for 24 hours after a customer wrote, they can be sent more than templates.
///
/// - Source: Meta, "Customer service windows"; outside of it the provider answers 131047.
package struct ConversationWindow: Sendable, Equatable {
    package static let length: Duration = .seconds(86_400)

    /// Nil when the customer has never written.
    package let lastInboundAt: Timestamp?

    package init(lastInboundAt: Timestamp?) {
        self.lastInboundAt = lastInboundAt
    }

    /// Nil when it was never open.
    package var closesAt: Timestamp? { self.lastInboundAt.map { $0 + Self.length } }

    package func isOpen(at now: Timestamp) -> Bool { self.closesAt.map { now < $0 } ?? false }

    /// What a dry run says about it.
    package func gate(at now: Timestamp, isEnforced: Bool) -> (verdict: String, detail: String) {
        if let closesAt, now < closesAt { return ("pass", "open until \(closesAt)") }
        let state = self.closesAt.map { "closed since \($0)" } ?? "closed: the customer has not written yet"
        return isEnforced ? ("block", state) : ("pass", "\(state), not enforced")
    }
}

extension MessageContent {
    /// Whether WhatsApp takes it in an open window only.
    package var needsWindow: Bool { self.template == nil }
}

extension ProviderError {
    static let windowClosed = ProviderError(
        code: "window-closed",
        detail: "The customer's last message is more than 24 hours old: only a template reaches them now."
    )
}
