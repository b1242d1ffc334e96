import Foundation
import InternalAPI
import Postgres
import Secrets
package import Shared

/// A message as it is handed to a worker.
package struct ClaimedMessage: Sendable {
    package let orgID: OrgID
    package let messageID: MessageID
    package let accountID: AccountID
    package let epoch: Int
    package let category: Shared.Category
    package let channel: Channel
    package let recipient: String
    package let content: MessageContent
    package let crashes: Int
    package let customerID: CustomerID
    /// It goes whatever its recipient said before.
    package let isExempt: Bool
    /// Of the broadcast that it was made for.
    package var broadcastState: BroadcastState?
    /// By its organization's clock; nil when it is not known.
    package var dueAt: Timestamp?
    /// The trace that it belongs to.
    package var traceParent: String?

    package var key: MessageKey { MessageKey(orgID: self.orgID, id: self.messageID) }
    package var account: AccountKey { AccountKey(orgID: self.orgID, accountID: self.accountID) }

    /// The message as its worker gets it; both times count from the moment at which the worker asked.
    ///
    /// - Parameters:
    ///   - time: how long the worker has it.
    ///   - freshness: how long what was decided about it is worth.
    ///   - unsubscribeURL: for its headers.
    /// - Returns: what the answer holds of it.
    func lease(
        for time: Duration,
        fresh freshness: Duration,
        unsubscribeURL: String? = nil
    ) -> MessagingAPI.Lease {
        MessagingAPI.Lease(
            orgID: self.orgID,
            reference: AttemptReference(messageID: self.messageID, number: self.epoch),
            accountID: self.accountID,
            channel: self.channel,
            to: self.recipient,
            content: self.content,
            unsubscribeURL: unsubscribeURL,
            leaseMilliseconds: Int(time.milliseconds),
            freshMilliseconds: Int(freshness.milliseconds),
            isUrgent: self.category == .otp,
            isSuspect: self.crashes > 0,
            traceParent: self.traceParent
        )
    }
}

extension ClaimedMessage {
    /// By which its recipient ends marketing; nil of what is none.
    func link(by provider: ProviderKind) -> UnsubscribeLink? {
        guard self.category == .marketing else { return nil }
        return UnsubscribeLink(
            orgID: self.orgID,
            accountID: self.accountID,
            provider: provider,
            messageID: self.messageID,
            channel: self.channel,
            address: self.recipient
        )
    }
}

/// A row of the outbox that was claimed.
package struct ClaimedRow: Sendable {
    let key: MessageKey
    let accountID: AccountID
    /// Of its class, 0 first.
    let rank: Int
    let epoch: Int
    let crashes: Int
    let dueAt: Timestamp

    var account: AccountKey { AccountKey(orgID: self.key.orgID, accountID: self.accountID) }
}

extension ClaimedRow {
    init(_ row: Row) throws {
        self.key = MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))
        self.accountID = try row.get("account_id")
        self.rank = try row.get("class")
        self.epoch = try row.get("epoch")
        self.crashes = try row.get("crashes")
        self.dueAt = try row.get("due_at")
    }
}

extension ClaimedMessage {
    /// - Parameters:
    ///   - claimed: the row of the outbox.
    ///   - row: what `ClaimStore.contents` says of it.
    ///   - contents: of the broadcasts among them.
    /// - Throws: what can not be read.
    init(_ claimed: ClaimedRow, _ row: Row, _ contents: SharedContents) throws {
        self.init(
            orgID: claimed.key.orgID,
            messageID: claimed.key.id,
            accountID: claimed.accountID,
            epoch: claimed.epoch,
            category: try row.get("category"),
            channel: try row.get("channel"),
            recipient: try row.get("recipient"),
            content: try contents.content(of: row),
            crashes: claimed.crashes,
            customerID: try row.get("customer_id"),
            isExempt: try row.get("is_exempt"),
            broadcastState: try row.getIfPresent("broadcast_state"),
            dueAt: claimed.dueAt,
            traceParent: try row.getIfPresent("trace_parent")
        )
    }
}

extension MessageContent {
    /// Reads the column `messages.content`.
    init(stored text: String) throws {
        self = try JSONDecoder().decode(MessageContent.self, from: Data(text.utf8))
    }
}
