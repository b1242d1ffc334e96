import InternalAPI
import Shared

/// One customer of one organization, who is written to by one account.
struct Contact: Sendable {
    var orgID = OrgID.new()
    var customerID = CustomerID.new()
    var accountID = AccountID.new()
    var address = Address(kind: .phone, value: "+14155550100")

    var item: ConversationAPI.Resolve {
        ConversationAPI.Resolve(
            orgID: self.orgID,
            customerID: self.customerID,
            accountID: self.accountID,
            channel: .sms,
            address: self.address
        )
    }

    func with(address value: String) -> Contact {
        var contact = self
        contact.address = Address(kind: .phone, value: value)
        return contact
    }

    func found(_ id: ConversationID) -> ConversationAPI.Found {
        ConversationAPI.Found(
            id: id,
            customerID: self.customerID,
            accountID: self.accountID,
            channel: .sms,
            address: self.address
        )
    }
}
