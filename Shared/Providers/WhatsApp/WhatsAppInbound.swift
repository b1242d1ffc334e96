import Shared

/// Reads a message that a customer sent by WhatsApp.
///
/// One that was written in a group is its writer's like any other; `details` then has the `group_id`.
enum WhatsAppInbound {
    /// - Parameters:
    ///   - message: an element of a webhook's `messages`.
    ///   - contact: the element of its `contacts` that is the sender's; nil when there is none.
    ///   - number: the account's own, as the webhook shows it.
    /// - Returns: nil when it has no id, or no sender.
    static func message(_ message: JSONValue, contact: JSONValue?, number: String? = nil) -> InboundMessage? {
        let senders = Self.senders(of: message, contact: contact)
        guard let id = message["id"]?.string?.nonEmpty, !senders.isEmpty else { return nil }
        let profile = contact?["profile"]
        return InboundMessage(
            eventKey: EventKey.bounded(id),
            providerMessageID: EventKey.bounded(id),
            senders: senders,
            recipient: Self.phone(number?.filter { !" +-().".contains($0) })?.value,
            profileName: profile?["name"]?.string?.nonEmpty ?? profile?["username"]?.string?.nonEmpty,
            content: WhatsAppContent.read(message),
            inReplyTo: Self.subject(of: message).map(EventKey.bounded),
            occurredAt: Timestamp(sinceEpoch: message["timestamp"])
        )
    }

    /// The number first: it is how the other channels know the person.
    ///
    /// A system message tells a person's new number or id, which are theirs from then on.
    private static func senders(of message: JSONValue, contact: JSONValue?) -> [Address] {
        let system = message["type"]?.string == "system" ? message["system"] : nil
        return [
            Self.phone(message["from"]?.string),
            Self.user(message["from_user_id"]?.string ?? contact?["user_id"]?.string),
            Self.user(system?["previous_user_id"]?.string),
            Self.phone(system?["wa_id"]?.string),
            Self.user(system?["user_id"]?.string),
        ].distinct
    }

    private static func phone(_ digits: String?) -> Address? {
        guard let digits = digits?.nonEmpty, digits.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        let address = Address(kind: .phone, value: "+\(WhatsAppSpelling.standard(digits))")
        return address.isStorable ? address : nil
    }

    /// A business-scoped user id.
    private static func user(_ id: String?) -> Address? {
        let address = id.map { Address(kind: .whatsapp, value: $0) }
        return address?.isStorable == true ? address : nil
    }

    /// The message that this one reacts to, edits, deletes or answers.
    private static func subject(of message: JSONValue) -> String? {
        let content = message["type"]?.string.flatMap { message[$0] }
        let ids = [content?["message_id"], content?["original_message_id"], message["context"]?["id"]]
        return ids.lazy.compactMap { $0?.string?.nonEmpty }.first
    }
}
