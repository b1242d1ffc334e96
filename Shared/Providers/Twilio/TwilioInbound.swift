package import Shared

/// Reads a message that a customer sent to a number of Twilio's: SMS, MMS, WhatsApp or RCS.
///
/// - Source: Twilio, "Twilio's request to your incoming message webhook URL".
package enum TwilioInbound {
    /// - Returns: nil when it has no id, or no sender.
    package static func message(_ form: FormParameters) -> InboundMessage? {
        let senders = Self.senders(form)
        guard let sid = form["MessageSid"]?.nonEmpty ?? form["SmsSid"]?.nonEmpty, !senders.isEmpty else { return nil }
        return InboundMessage(
            eventKey: EventKey.bounded(sid),
            providerMessageID: EventKey.bounded(sid),
            senders: senders,
            profileName: form["ProfileName"]?.nonEmpty,
            content: TwilioContent.read(form),
            inReplyTo: form["OriginalRepliedMessageSid"]?.nonEmpty.map(EventKey.bounded),
            // Only there when Twilio has already replied by itself.
            answeredKeyword: form["OptOutType"].flatMap { Keyword(rawValue: $0.lowercased()) },
            // Not in the webhook, but where `TwilioHistory` made one.
            occurredAt: form["DateCreated"].flatMap(MailDate.timestamp)
        )
    }

    /// The number first: it is how the other channels know the person.
    private static func senders(_ form: FormParameters) -> [Address] {
        let from = form["From"].flatMap(Self.sender)
        let phone = from?.kind == .phone ? nil : form["WaId"].flatMap { try? Address("+\($0)", for: .sms) }
        return [phone, from, form["ExternalUserId"].flatMap(Self.user)].distinct
    }

    /// `+14155550100`, `whatsapp:+14155550100`; a short code or a name is no number, and stays as it is.
    private static func sender(_ from: String) -> Address? {
        if let address = try? Address(Self.withoutScheme(from), for: .whatsapp) { return address }
        let address = Address(kind: .external, value: from)
        return address.isStorable ? address : nil
    }

    /// WhatsApp's business-scoped user id.
    private static func user(_ id: String) -> Address? {
        let address = Address(kind: .whatsapp, value: Self.withoutScheme(id))
        return address.isStorable ? address : nil
    }

    private static func withoutScheme(_ address: String) -> String {
        for scheme in ["whatsapp:", "rcs:"] where address.hasPrefix(scheme) {
            return String(address.dropFirst(scheme.count))
        }
        return address
    }
}
