import HTTPService
import Shared

/// What a list of conversations is narrowed to; nil means all.
struct ConversationFilter: Sendable, Equatable {
    /// Nil for both.
    var status: StoredConversation.Status?
    var assignee: String?
    /// Whether anybody is assigned.
    var isAssigned: Bool?
    var isUnread: Bool?
    var customerID: CustomerID?
    var accountID: AccountID?
    var channels: [Channel]?
}

extension ConversationFilter {
    init(_ query: inout QueryParameters) {
        let statuses = Set(query.values("status", StoredConversation.Status.self) ?? [])
        self.init(
            status: statuses.count == 1 ? statuses.first : nil,
            assignee: query.string("assignee", StoredConversation.assigneeLength),
            isAssigned: query.bool("unassigned").map { !$0 },
            isUnread: query.bool("unread"),
            customerID: query.id("customer_id", of: Customer.self),
            accountID: query.id("account_id", of: ChannelAccount.self),
            channels: query.values("channel", Channel.self)
        )
    }
}
