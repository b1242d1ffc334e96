package import Shared

/// Reads a message that a customer sent to a number of Twilio's.
package enum TwilioInbound {
    /// - Returns: nil when it has no id, or no sender.
    package static func message(_ form: FormParameters) -> InboundMessage? {
        guard let sid = form["MessageSid"] ?? form["SmsSid"], !sid.isEmpty, let from = form["From"], !from.isEmpty
        else {
            return nil
        }
        return InboundMessage(
            eventKey: EventKey.bounded(sid),
            providerMessageID: sid,
            senders: [Address(kind: .phone, value: from)],
            content: InboundContent(kind: .text, body: form["Body"])
        )
    }
}
