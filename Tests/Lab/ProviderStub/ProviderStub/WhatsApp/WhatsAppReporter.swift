import Crypto
import Foundation

/// Reports one WhatsApp message's statuses as Meta's webhook does, one status in each request.
struct WhatsAppReporter: StatusReporter {
    /// What Meta charges for.
    enum Category: String {
        case service
        case marketing
    }

    /// "Message undeliverable", Meta's most common cause of a failed message.
    private static let undeliverable = 131026

    let callbacks: Callbacks
    let phoneNumberID: String
    let recipient: Recipient
    let messageID: String
    let reference: String?
    let category: Category

    func post(_ status: CallbackStatus) -> SignedPost? {
        guard let webhook = self.callbacks.whatsApp(phoneNumberID: self.phoneNumberID) else { return nil }
        let body = self.payload(status, at: Date())
        let key = SymmetricKey(data: Data(webhook.appSecret.utf8))
        let signature = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key)
        return SignedPost(
            url: webhook.url,
            contentType: "application/json",
            headers: [("X-Hub-Signature-256", "sha256=" + signature.hexadecimal)],
            body: body
        )
    }

    private func payload(_ status: CallbackStatus, at now: Date) -> String {
        var metadata = JSONObject()
        metadata.set("display_phone_number", "15550783881")
        metadata.set("phone_number_id", self.phoneNumberID)
        var value = JSONObject()
        value.set("messaging_product", "whatsapp")
        value.set("metadata", raw: metadata.finish())
        value.set("statuses", raw: "[" + self.entry(status, at: now) + "]")
        var change = JSONObject()
        change.set("value", raw: value.finish())
        change.set("field", "messages")
        var entry = JSONObject()
        entry.set("id", "102290129340398")
        entry.set("changes", raw: "[" + change.finish() + "]")
        var payload = JSONObject()
        payload.set("object", "whatsapp_business_account")
        payload.set("entry", raw: "[" + entry.finish() + "]")
        return payload.finish()
    }

    private func entry(_ status: CallbackStatus, at now: Date) -> String {
        var object = JSONObject()
        object.set("id", self.messageID)
        object.set("status", status.rawValue)
        object.set("timestamp", String(Int(now.timeIntervalSince1970)))
        switch self.recipient {
        case .phone(_, let digits): object.set("recipient_id", digits)
        case .user(let userID): object.set("recipient_user_id", userID)
        }
        if let reference = self.reference {
            object.set("biz_opaque_callback_data", reference)
        }
        switch status {
        case .sent, .delivered: object.set("pricing", raw: self.pricing)
        case .failed: object.set("errors", raw: "[" + self.error + "]")
        case .read: break
        }
        return object.finish()
    }

    private var pricing: String {
        var pricing = JSONObject()
        pricing.set("billable", raw: self.category == .service ? "false" : "true")
        pricing.set("pricing_model", "PMP")
        pricing.set("type", self.category == .service ? "free_customer_service" : "regular")
        pricing.set("category", self.category.rawValue)
        return pricing.finish()
    }

    private var error: String {
        let code = self.callbacks.settings.failureCode ?? Self.undeliverable
        let title = code == Self.undeliverable ? "Message undeliverable" : "Message failed to send"
        var data = JSONObject()
        data.set("details", "\(title) (code \(code)).")
        var error = JSONObject()
        error.set("code", code)
        error.set("title", title)
        error.set("message", title)
        error.set("error_data", raw: data.finish())
        return error.finish()
    }
}
