import Shared

/// Whom an edited message reaches, in which conversation, and what it says there: the recipient as before, unless another one
/// was given.
struct EditTarget: Sendable {
    let address: String
    let customerID: CustomerID
    let conversationID: ConversationID
    let accountID: AccountID
    /// As its recipient gets it.
    let content: JSONValue

    init(_ prepared: PreparedMessage) {
        self.address = prepared.address.value
        self.customerID = prepared.customerID
        self.conversationID = prepared.conversationID
        self.accountID = prepared.account.id
        self.content = prepared.content
    }

    /// Nil of a message without a customer, of which there are none.
    init?(_ current: MessageResource, content: JSONValue) {
        guard let customerID = current.customerID, let conversationID = current.conversationID else { return nil }
        self.address = current.address
        self.customerID = customerID
        self.conversationID = conversationID
        self.accountID = current.accountID
        self.content = content
    }
}
