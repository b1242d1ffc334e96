package import Shared

/// A file that came within a webhook: inbound-gateway keeps its bytes, in the webhook as it was stored.
///
/// Messaging-service answers it with status 307 when it is asked for an attachment, and it is the body of
/// `POST /internal/webhook-parts` of inbound-gateway, which answers the bytes.
package struct WebhookPart: Codable, Sendable, Equatable {
    package let accountID: AccountID
    /// Of the event that the webhook brought.
    package let eventKey: String
    /// Of the part of its form.
    package let name: String

    package init(accountID: AccountID, eventKey: String, name: String) {
        self.accountID = accountID
        self.eventKey = eventKey
        self.name = name
    }

    private enum CodingKeys: String, CodingKey {
        case accountID = "account_id"
        case eventKey = "event_key"
        case name
    }
}
