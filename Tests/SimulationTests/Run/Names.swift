import Foundation
import MessagingService
import Shared

/// The ids of what the simulation counts from 0: each says its number.
enum Names {
    static let org = OrgID(UUID(high: 1, low: 0))

    static func message(_ index: Int) -> MessageID { ID(UUID(high: 2, low: UInt64(index))) }

    static func conversation(_ index: Int) -> ConversationID { ID(UUID(high: 3, low: UInt64(index))) }

    static func account(_ index: Int) -> AccountID { ID(UUID(high: 4, low: UInt64(index))) }

    static func key(_ index: Int) -> MessageKey { MessageKey(orgID: self.org, id: self.message(index)) }

    static func account(key index: Int) -> AccountKey { AccountKey(orgID: self.org, accountID: self.account(index)) }
}

extension ID {
    /// The number that `Names` gave it: below 65,536.
    var index: Int { Int(self.uuid.uuid.14) << 8 | Int(self.uuid.uuid.15) }
}

extension LaneKey {
    init(conversation: Int, urgency: Urgency) {
        self.init(orgID: Names.org, conversationID: Names.conversation(conversation), urgency: urgency)
    }

    /// Counted from 0, two for each conversation.
    var index: Int { self.conversationID.index * 2 + (self.urgency == .otp ? 0 : 1) }
}
