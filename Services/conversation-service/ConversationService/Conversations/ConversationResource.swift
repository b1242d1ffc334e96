import Shared

extension StoredConversation {
    /// How long after a customer's message WhatsApp takes messages that are no templates.
    ///
    /// - Source: Meta's customer service window.
    static let whatsappWindow: Duration = .seconds(24 * 60 * 60)

    /// When the window of WhatsApp closes; nil on other channels, and before the customer's first message.
    var windowExpiresAt: Timestamp? {
        guard self.channel == .whatsapp else { return nil }
        return self.lastInboundAt.map { $0 + Self.whatsappWindow }
    }

    /// As the public API shows it.
    var json: JSONValue {
        .object(members: [
            ("id", .text(self.id)), ("org_id", .text(self.orgID)), ("customer_id", .text(self.customerID)),
            ("account_id", .text(self.accountID)), ("channel", .string(self.channel.rawValue)),
            ("address", .string(self.address.value)), ("status", .string(self.status.rawValue)),
            ("assignee", .text(self.assignee)), ("unread_count", .number(JSONNumber(self.unreadCount))),
            ("last_inbound_at", .text(self.lastInboundAt)), ("window_expires_at", .text(self.windowExpiresAt)),
            ("read_at", .text(self.readAt)), ("closed_at", .text(self.status == .closed ? self.closedAt : nil)),
            ("created_at", .text(self.createdAt)), ("updated_at", .text(self.updatedAt)),
        ])
    }
}
