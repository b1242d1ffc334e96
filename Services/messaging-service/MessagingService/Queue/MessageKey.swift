package import Shared

/// Names one message of one organization; ordered, so that all transactions lock in one order.
package struct MessageKey: Hashable, Sendable, Comparable {
    package let orgID: OrgID
    package let id: MessageID

    package init(orgID: OrgID, id: MessageID) {
        self.orgID = orgID
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID ? left.id < right.id : left.orgID < right.orgID
    }
}

/// Names one channel account of one organization.
package struct AccountKey: Hashable, Sendable, Comparable {
    package let orgID: OrgID
    package let accountID: AccountID

    package init(orgID: OrgID, accountID: AccountID) {
        self.orgID = orgID
        self.accountID = accountID
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID ? left.accountID < right.accountID : left.orgID < right.orgID
    }
}
