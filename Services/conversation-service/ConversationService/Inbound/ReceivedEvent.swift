import InternalAPI
import Shared

/// What makes two deliveries one event.
struct ReceivedEvent: Hashable, Sendable {
    let orgID: OrgID
    let accountID: AccountID
    /// As bytes: two spellings of one text are two keys to the database.
    let key: [UInt8]

    init(orgID: OrgID, accountID: AccountID, key: String) {
        self.orgID = orgID
        self.accountID = accountID
        self.key = Array(key.utf8)
    }

    init(_ item: ConversationAPI.Receive) {
        self.init(orgID: item.orgID, accountID: item.accountID, key: item.eventKey)
    }
}
