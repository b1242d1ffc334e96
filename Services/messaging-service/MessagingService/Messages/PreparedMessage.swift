package import Shared
import Synchronization

/// A message of which everything is known, ready to be written: an object, as it is handed on by many and never changed.
package final class PreparedMessage: Sendable {
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
    /// When it was asked whether it may be sent, and was found that it may.
    let allowedAt: ContinuousClock.Instant?
    private let answer = Mutex<[UInt8]?>(nil)

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
        allowedAt: ContinuousClock.Instant? = nil,
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
        self.allowedAt = allowedAt
        self.parts = parts
        self.share = share
        self.retryPolicy = request.message.retryPolicy ?? account.retryPolicy ?? RetryPolicy.Preset.outbox.policy
        self.content = share == nil ? .some(parts.json) : .none
    }

    /// The bytes of the answer, which is made once it is asked for; none where nobody is answered.
    package var body: [UInt8] {
        guard let content else { return [] }
        return self.answer.withLock { answer in
            if let answer { return answer }
            let bytes = self.resource(of: content).json.bytes
            answer = bytes
            return bytes
        }
    }

    private func resource(of content: JSONValue) -> MessageResource {
        let (message, status) = (self.request.message, self.status)
        return MessageResource(
            id: self.id,
            orgID: self.request.orgID,
            channel: self.channel,
            status: status,
            address: self.address.value,
            customerID: self.customerID,
            conversationID: self.conversationID,
            accountID: self.account.id,
            content: content,
            category: message.category,
            reference: message.reference,
            metadata: message.metadata,
            retryPolicy: self.retryPolicy,
            onUncertain: message.onUncertain,
            scheduledAt: message.scheduledAt,
            nextAttemptAt: self.block == nil ? message.scheduledAt ?? self.createdAt : nil,
            expiresAt: message.expiresAt,
            error: self.block.map { .failure($0.code, $0.detail, .permanent) } ?? .null,
            createdAt: self.createdAt,
            updatedAt: self.createdAt,
            queuedAt: status == .queued ? self.createdAt : nil
        )
    }

    var laneKey: LaneKey {
        LaneKey(
            orgID: self.request.orgID,
            conversationID: self.conversationID,
            urgency: Urgency(self.request.message.category)
        )
    }
    var status: MessageStatus {
        guard self.block == nil else { return .skipped }
        return self.request.message.scheduledAt.map { $0 > self.createdAt } ?? false ? .scheduled : .queued
    }
    var isDue: Bool { self.status == .queued }
}
