import Crypto
import Foundation

/// Reports one email's events as SendGrid's event webhook does: an array with an event for each recipient.
struct SendGridReporter: StatusReporter {
    let callbacks: Callbacks
    let key: P256.Signing.PrivateKey
    let account: String
    let messageID: String
    let recipients: [String]
    let customArgs: [String: String]

    func post(_ status: CallbackStatus) -> SignedPost? {
        guard let url = self.callbacks.sendGridURL(account: self.account) else { return nil }
        let timestamp = String(Int(Date().timeIntervalSince1970))
        let events = self.recipients.map { self.event(status, recipient: $0, timestamp: timestamp) }
        let body = "[" + events.joined(separator: ",") + "]"
        guard let signature = try? self.key.signature(for: Data((timestamp + body).utf8)) else { return nil }
        return SignedPost(
            url: url,
            contentType: "application/json",
            headers: [
                ("X-Twilio-Email-Event-Webhook-Signature", signature.derRepresentation.base64EncodedString()),
                ("X-Twilio-Email-Event-Webhook-Timestamp", timestamp),
            ],
            body: body
        )
    }

    private func event(_ status: CallbackStatus, recipient: String, timestamp: String) -> String {
        var event = JSONObject()
        event.set("email", recipient)
        event.set("timestamp", raw: timestamp)
        event.set("smtp-id", "<\(self.messageID)@geopod-ismtpd-0>")
        event.set("sg_event_id", RandomText.hex(bytes: 16))
        event.set("sg_message_id", self.messageID + ".filter0001.0001.0")
        switch status {
        case .sent:
            event.set("event", "processed")
        case .delivered:
            event.set("event", "delivered")
            event.set("response", "250 OK")
        case .read:
            event.set("event", "open")
        case .failed:
            event.set("event", "bounce")
            event.set("type", "bounce")
            event.set("status", "5.1.1")
            event.set("reason", "550 5.1.1 The email account that you tried to reach does not exist.")
        }
        for (name, value) in self.customArgs.sorted(by: { $0.key < $1.key }) {
            event.set(named: name, value)
        }
        return event.finish()
    }
}
