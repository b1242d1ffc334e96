package import Shared

/// A message of which everything is known, ready to be written.
package struct PreparedMessage: Sendable {
    package let request: CreateRequest
    package let id: MessageID
    package let channel: Channel
    package let account: ChosenAccount
    package let address: Address
    package let customerID: CustomerID
    package let conversationID: ConversationID
    package let createdAt: Timestamp
    /// What it says, as its recipient gets it: templates filled, SMS rendered.
    package let parts: MessageContent
    /// The same, as it is stored; nil where it is stored with the message's broadcast.
    package let content: JSONValue?
    /// The broadcast that it is made for.
    package let share: Share?
    /// The message's own, or else its account's, its organization's, or the usual one.
    package let retryPolicy: RetryPolicy
    /// Why it is not to be sent: it is stored, and skipped.
    package let block: ProviderError?
    /// It goes whatever its recipient said before.
    package let isExempt: Bool
    /// The answer's bytes; none where nobody is answered.
    package let body: [UInt8]

    /// What a message of a broadcast shares with the others, and what is its own.
    package struct Share: Sendable {
        let broadcastID: ID<Broadcast>
        /// What fills the broadcast's content for this recipient; nil where it is the same for all.
        let parameters: String?
    }

    init(
        request: CreateRequest,
        id: MessageID,
        channel: Channel,
        account: ChosenAccount,
        address: Address,
        customerID: CustomerID,
        conversationID: ConversationID,
        parts: MessageContent,
        createdAt: Timestamp,
        block: ProviderError? = nil,
        isExempt: Bool = false,
        share: Share? = nil
    ) {
        self.request = request
        self.id = id
        self.channel = channel
        self.account = account
        self.address = address
        self.customerID = customerID
        self.conversationID = conversationID
        self.createdAt = createdAt
        self.block = block
        self.isExempt = isExempt
        self.parts = parts
        self.share = share
        let message = request.message
        self.retryPolicy = message.retryPolicy ?? account.retryPolicy ?? RetryPolicy.Preset.outbox.policy
        guard share == nil else {
            (self.content, self.body) = (nil, [])
            return
        }
        let content = parts.json
        self.content = content
        let status = Self.status(of: message, at: createdAt, block)
        self.body =
            MessageResource(
                id: id,
                orgID: request.orgID,
                channel: channel,
                status: status,
                address: address.value,
                customerID: customerID,
                conversationID: conversationID,
                accountID: account.id,
                content: content,
                category: message.category,
                reference: message.reference,
                metadata: message.metadata,
                retryPolicy: self.retryPolicy,
                onUncertain: message.onUncertain,
                scheduledAt: message.scheduledAt,
                nextAttemptAt: block == nil ? message.scheduledAt ?? createdAt : nil,
                expiresAt: message.expiresAt,
                error: block.map { .failure($0.code, $0.detail, .permanent) } ?? .null,
                createdAt: createdAt,
                updatedAt: createdAt,
                queuedAt: status == .queued ? createdAt : nil
            ).json.bytes
    }

    var laneKey: LaneKey {
        LaneKey(
            orgID: self.request.orgID,
            conversationID: self.conversationID,
            urgency: Urgency(self.request.message.category)
        )
    }
    var status: MessageStatus { Self.status(of: self.request.message, at: self.createdAt, self.block) }
    var isDue: Bool { self.status == .queued }

    private static func status(
        of message: NewMessage,
        at time: Timestamp,
        _ block: ProviderError?
    ) -> MessageStatus {
        guard block == nil else { return .skipped }
        return message.scheduledAt.map { $0 > time } ?? false ? .scheduled : .queued
    }
}
