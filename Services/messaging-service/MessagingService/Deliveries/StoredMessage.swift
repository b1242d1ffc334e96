package import Shared

/// A message and its outbox row, as read under the locks of both.
package struct StoredMessage: Sendable {
    package let orgID: OrgID
    package let id: MessageID
    package let accountID: AccountID
    package let conversationID: ConversationID
    package let channel: Channel
    package let category: Shared.Category
    package let direction: Direction
    package let status: MessageStatus
    package let moments: Moments
    package let lastAttempt: Int
    package let attemptCount: Int
    package let retryPolicy: RetryPolicy
    package let scheduledAt: Timestamp?
    package let expiresAt: Timestamp?
    package let onUncertain: UncertainPolicy
    /// Whether its provider can be asked what it took.
    package let canBeAsked: Bool
    /// The error that is shown with it.
    package let error: (ProviderError, FailureClass)?
    /// Whether its content and recipient are gone: nothing of them is to come back with late news.
    package let isErased: Bool
    /// The trace that it belongs to.
    package let traceParent: String?
    /// Nil when the message is not in the outbox.
    package let row: QueueRow?

    package init(
        orgID: OrgID,
        id: MessageID,
        accountID: AccountID,
        conversationID: ConversationID,
        channel: Channel,
        category: Shared.Category,
        direction: Direction = .outbound,
        status: MessageStatus,
        moments: Moments = Moments(),
        lastAttempt: Int = 0,
        attemptCount: Int = 0,
        retryPolicy: RetryPolicy,
        scheduledAt: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        onUncertain: UncertainPolicy,
        canBeAsked: Bool = false,
        error: (ProviderError, FailureClass)? = nil,
        isErased: Bool = false,
        traceParent: String? = nil,
        row: QueueRow?
    ) {
        self.orgID = orgID
        self.id = id
        self.accountID = accountID
        self.conversationID = conversationID
        self.channel = channel
        self.category = category
        self.direction = direction
        self.status = status
        self.moments = moments
        self.lastAttempt = lastAttempt
        self.attemptCount = attemptCount
        self.retryPolicy = retryPolicy
        self.scheduledAt = scheduledAt
        self.expiresAt = expiresAt
        self.onUncertain = onUncertain
        self.canBeAsked = canBeAsked
        self.error = error
        self.isErased = isErased
        self.traceParent = traceParent
        self.row = row
    }

    package var key: MessageKey { MessageKey(orgID: self.orgID, id: self.id) }
    package var account: AccountKey { AccountKey(orgID: self.orgID, accountID: self.accountID) }

    package var laneKey: LaneKey {
        LaneKey(orgID: self.orgID, conversationID: self.conversationID, urgency: Urgency(self.category))
    }

    /// The row of a message that returns to the queue, or enters it.
    func newRow(epoch: Int) -> QueueRow {
        var row = QueueRow(
            key: self.key,
            accountID: self.accountID,
            channel: self.channel,
            category: self.category,
            conversationID: self.conversationID,
            expiresAt: self.expiresAt,
            state: .scheduled,
            dueAt: .distantFuture
        )
        row.epoch = epoch
        return row
    }
}
