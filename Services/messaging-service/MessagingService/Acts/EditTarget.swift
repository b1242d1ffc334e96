import Shared

/// Whom an edited message reaches, and in which conversation: as before, unless another recipient was given.
struct EditTarget: Sendable {
    let address: String
    let customerID: CustomerID
    let conversationID: ConversationID
    let accountID: AccountID

    init(_ prepared: PreparedMessage) {
        self.address = prepared.address.value
        self.customerID = prepared.customerID
        self.conversationID = prepared.conversationID
        self.accountID = prepared.account.id
    }

    /// Nil of a message without a customer, of which there are none.
    init?(_ current: MessageResource) {
        guard let customerID = current.customerID, let conversationID = current.conversationID else { return nil }
        self.address = current.address
        self.customerID = customerID
        self.conversationID = conversationID
        self.accountID = current.accountID
    }
}
