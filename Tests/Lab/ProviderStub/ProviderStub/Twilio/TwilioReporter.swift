import Crypto
import Foundation

/// Reports one Twilio message's statuses to the `StatusCallback` of its request.
struct TwilioReporter: StatusReporter {
    /// "Unknown destination handset": permanent, and about the recipient.
    private static let unknownDestination = 30005
    /// What Twilio shows as sender when a service chose it.
    private static let serviceSender = "+15005550006"

    let callbacks: Callbacks
    /// Posted to exactly as given, query included: the signature covers it.
    let url: String
    let authToken: String
    let accountSID: String
    let messageSID: String
    let message: TwilioMessage

    func post(_ status: CallbackStatus) -> SignedPost? {
        guard let word = self.word(for: status) else { return nil }
        var form = FormFields()
        form.append("AccountSid", self.accountSID)
        form.append("ApiVersion", TwilioResource.apiVersion)
        if status == .failed {
            form.append("ErrorCode", String(self.callbacks.settings.failureCode ?? Self.unknownDestination))
        }
        form.append("From", self.message.from ?? Self.serviceSender)
        form.append("MessageSid", self.messageSID)
        form.append("MessageStatus", word)
        if let serviceSID = self.message.serviceSID {
            form.append("MessagingServiceSid", serviceSID)
        }
        form.append("SmsSid", self.messageSID)
        form.append("SmsStatus", word)
        form.append("To", self.message.to)
        return SignedPost(
            url: self.url,
            contentType: "application/x-www-form-urlencoded",
            headers: [("X-Twilio-Signature", self.signature(of: form))],
            body: form.encoded
        )
    }

    /// Only WhatsApp messages are ever read.
    private func word(for status: CallbackStatus) -> String? {
        switch status {
        case .sent: "sent"
        case .delivered: "delivered"
        case .read: self.message.to.hasPrefix("whatsapp:") ? "read" : nil
        case .failed: "undelivered"
        }
    }

    /// Base64 of HMAC-SHA1 over the URL and each sorted name followed by its value.
    private func signature(of form: FormFields) -> String {
        let sorted = form.fields.sorted { $0.name < $1.name }
        let text = sorted.reduce(into: self.url) { $0 += $1.name + $1.value }
        let key = SymmetricKey(data: Data(self.authToken.utf8))
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(text.utf8), using: key)
        return Data(code).base64EncodedString()
    }
}
