import Shared

/// Reads a message that a customer sent by WhatsApp.
enum WhatsAppInbound {
    /// - Parameters:
    ///   - message: an element of a webhook's `messages`.
    ///   - contact: the element of its `contacts` that is the sender's; nil when there is none.
    /// - Returns: nil when it has no id, or no sender.
    static func message(_ message: JSONValue, contact: JSONValue?) -> InboundMessage? {
        let phone = message["from"]?.string.map { Address(kind: .phone, value: "+\($0)") }
        let user = message["from_user_id"]?.string.map { Address(kind: .whatsapp, value: $0) }
        let senders = [phone, user].compactMap(\.self)
        guard let id = message["id"]?.string, !id.isEmpty, !senders.isEmpty else { return nil }
        return InboundMessage(
            eventKey: EventKey.bounded(id),
            providerMessageID: id,
            senders: senders,
            profileName: contact?["profile"]?["name"]?.string,
            content: InboundContent(kind: .text, body: message["text"]?["body"]?.string),
            inReplyTo: message["context"]?["id"]?.string,
            occurredAt: message["timestamp"]?.string.flatMap(WhatsAppWebhook.timestamp)
        )
    }
}
