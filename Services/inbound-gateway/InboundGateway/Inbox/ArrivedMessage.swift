import InternalAPI
import Shared

/// An inbound message with all that the inbox knows of it.
struct ArrivedMessage: Sendable {
    /// Providers repeat a webhook for a week at most: what was sent long before it arrived was dated by a broken clock.
    static let oldest: Duration = .seconds(30 * 86_400)

    let event: ClaimedEvent
    let message: InboundMessage
    let channel: Channel
    let keyword: Keyword?
    /// When it was sent, never after it arrived.
    let occurredAt: Timestamp

    init(event: ClaimedEvent, content message: InboundMessage) {
        self.event = event
        self.message = message
        self.channel = event.provider.channel
        self.keyword = Self.keyword(of: message, on: self.channel)
        let told = message.occurredAt ?? event.arrivedAt
        let isPlausible = told <= event.arrivedAt && event.arrivedAt - told <= Self.oldest
        self.occurredAt = isPlausible ? told : event.arrivedAt
    }

    /// Carriers and Meta know keywords; in an email or an app the same words are a sentence like any other.
    static func keyword(of message: InboundMessage, on channel: Channel) -> Keyword? {
        if let answered = message.answeredKeyword { return answered }
        guard channel == .sms || channel == .whatsapp, let body = message.content.body else { return nil }
        switch message.content.kind {
        case .text, .button, .interactive: return Keyword(wholeMessage: body)
        default: return nil
        }
    }

    /// Where the customer is reached; a message without any sender is refused by customer-service.
    private var address: Address { self.message.senders.first ?? Address(kind: .external, value: "") }

    var customerItem: CustomerAPI.Receive {
        CustomerAPI.Receive(
            orgID: self.event.orgID,
            accountID: self.event.accountID,
            eventKey: self.event.key,
            channel: self.channel,
            senders: self.message.senders,
            profileName: self.message.profileName,
            keyword: self.keyword,
            occurredAt: self.occurredAt
        )
    }

    func conversationItem(of customerID: CustomerID) -> ConversationAPI.Receive {
        ConversationAPI.Receive(
            orgID: self.event.orgID,
            customerID: customerID,
            accountID: self.event.accountID,
            channel: self.channel,
            address: self.address,
            eventKey: self.event.key,
            keyword: self.keyword,
            occurredAt: self.occurredAt
        )
    }

    func messageItem(of customerID: CustomerID, in conversationID: ConversationID) -> MessagingAPI.Receive {
        MessagingAPI.Receive(
            orgID: self.event.orgID,
            accountID: self.event.accountID,
            customerID: customerID,
            conversationID: conversationID,
            channel: self.channel,
            keyword: self.keyword,
            occurredAt: self.occurredAt,
            arrivedAt: self.event.arrivedAt,
            message: self.message
        )
    }
}
