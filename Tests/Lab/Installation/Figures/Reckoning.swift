import ProviderStub

/// What the client, the platform and the providers say of the same messages, once nothing moves any more.
package struct Reckoning {
    /// Acknowledged, but no provider took them, and they ended without a reason.
    package let lost: [String]
    /// Taken by a provider, though no such message is there.
    package let phantom: [String]
    /// There, though no client was ever told of them.
    package let unasked: [String]
    /// Neither ended nor sent.
    package let stuck: [String]
    /// Acknowledged, and not sent in the end.
    package let unsent: [String]
    /// Shown as sent, though no provider took them.
    package let untrue: [String]
    package let doubledByWhatsApp: [String]
    package let doubledByTwilio: [String]

    /// - Parameters:
    ///   - acknowledged: ids that a client was answered with 202.
    ///   - messages: all that the platform shows.
    ///   - handed: what the providers took.
    package init(acknowledged: Set<String>, messages: [String: MessageState], handed: HandedOver) {
        let taken = handed.ids
        self.lost = acknowledged.filter { !taken.contains($0) && messages[$0]?.isRefusedWithReason != true }.sorted()
        self.phantom = taken.filter { messages[$0] == nil }.sorted() + handed.unreadable
        self.unasked = messages.keys.filter { !acknowledged.contains($0) }.sorted()
        self.stuck = messages.filter { $0.value.isUnfinished }.keys.sorted()
        self.unsent = acknowledged.filter { messages[$0]?.isSent != true }.sorted()
        self.untrue = messages.filter { $0.value.isSent && !taken.contains($0.key) }.keys.sorted()
        self.doubledByWhatsApp = handed.repeated(by: .whatsapp)
        self.doubledByTwilio = handed.repeated(by: .twilio)
    }

    /// Every count that must be zero, by what it is called.
    private var counts: [(String, [String])] {
        [
            ("lost", self.lost), ("phantom", self.phantom), ("unasked", self.unasked), ("stuck", self.stuck),
            ("unsent", self.unsent), ("untrue", self.untrue), ("doubled by WhatsApp", self.doubledByWhatsApp),
            ("doubled by Twilio", self.doubledByTwilio),
        ]
    }

    /// What is wrong, with a few of the messages concerned; empty when all agree.
    package var faults: [String] {
        self.counts.filter { !$0.1.isEmpty }.map { "\($0.1.count) \($0.0): \($0.1.prefix(5).joined(separator: " "))" }
    }

    /// For a test's line of figures.
    package var text: String { self.counts.map { "\($0.0) \($0.1.count)" }.joined(separator: ", ") }
}
