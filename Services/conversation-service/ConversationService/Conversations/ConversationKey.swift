import InternalAPI
import Shared

/// What makes a conversation: a customer has one with each channel account.
struct ConversationKey: Hashable, Sendable {
    let orgID: OrgID
    let customerID: CustomerID
    let accountID: AccountID

    init(_ item: ConversationAPI.Resolve) {
        self.orgID = item.orgID
        self.customerID = item.customerID
        self.accountID = item.accountID
    }
}
