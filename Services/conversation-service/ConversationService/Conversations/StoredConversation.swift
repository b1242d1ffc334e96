import Postgres
import Shared

/// A conversation as its row holds it.
struct StoredConversation: Sendable, Equatable {
    /// The raw values are those of the public API and of the Postgres enum `conversation_status`.
    enum Status: String, Sendable, CaseIterable {
        case open, closed
    }

    let orgID: OrgID
    let id: ConversationID
    let customerID: CustomerID
    let accountID: AccountID
    let channel: Channel
    /// Where the customer was reached last, or wrote from.
    var address: Address
    /// When that was told.
    var addressAt: Timestamp
    var status: Status
    /// Nil when nobody is.
    var assignee: String?
    /// Messages of the customer that were sent after `readAt`.
    var unreadCount: Int
    var lastInboundAt: Timestamp?
    var readAt: Timestamp?
    /// The latest closing, also once the conversation is open again.
    var closedAt: Timestamp?
    /// When the earliest message after that closing was sent that opened it; nil when a person did, or nobody has.
    var reopenedAt: Timestamp?
    /// The order of lists.
    var activeAt: Timestamp
    var createdAt: Timestamp
    var updatedAt: Timestamp
}

extension StoredConversation {
    init(_ row: Row) throws(PostgresError) {
        self.init(
            orgID: try row.get("org_id"),
            id: try row.get("id"),
            customerID: try row.get("customer_id"),
            accountID: try row.get("account_id"),
            channel: try row.get("channel"),
            address: Address(kind: try row.get("address_kind"), value: try row.get("address")),
            addressAt: try row.get("address_at"),
            status: try row.get("status"),
            assignee: try row.getIfPresent("assignee"),
            unreadCount: try row.get("unread_count"),
            lastInboundAt: try row.getIfPresent("last_inbound_at"),
            readAt: try row.getIfPresent("read_at"),
            closedAt: try row.getIfPresent("closed_at"),
            reopenedAt: try row.getIfPresent("reopened_at"),
            activeAt: try row.get("active_at"),
            createdAt: try row.get("created_at"),
            updatedAt: try row.get("updated_at")
        )
    }
}

extension StoredConversation.Status: PostgresValue {}
