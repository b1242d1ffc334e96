import Postgres
package import Shared

/// What a message waits behind: one-time codes only behind each other.
package enum Urgency: Sendable, Hashable, Comparable, CaseIterable {
    case otp, ordinary

    package init(_ category: Shared.Category) {
        switch category {
        case .otp: self = .otp
        case .transactional, .marketing: self = .ordinary
        }
    }
}

/// Names the lane of a conversation.
package struct LaneKey: Hashable, Sendable, Comparable {
    package let orgID: OrgID
    package let conversationID: ConversationID
    package let urgency: Urgency

    package init(orgID: OrgID, conversationID: ConversationID, urgency: Urgency) {
        self.orgID = orgID
        self.conversationID = conversationID
        self.urgency = urgency
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.orgID, left.conversationID, left.urgency) < (right.orgID, right.conversationID, right.urgency)
    }
}

/// The order of a conversation's messages: the head alone may be sent, the others wait in the order of their places.
///
/// A value without any I/O, changed under the lock of its row. It knows how many wait, and not which: who is next is a
/// look at one index (`QueueStore.promote`).
package struct Lane: Sendable, Equatable {
    package let key: LaneKey
    /// Rises with each message, and is never used twice.
    package private(set) var nextPlace: Int
    package private(set) var head: MessageID?
    package private(set) var waiting: Int
    /// Before then the recipient gets nothing more of this lane; nil when nothing hinders.
    package private(set) var freeAt: Timestamp?

    package init(key: LaneKey, nextPlace: Int = 0, head: MessageID? = nil, waiting: Int = 0, freeAt: Timestamp? = nil) {
        self.key = key
        self.nextPlace = nextPlace
        self.head = head
        self.waiting = waiting
        self.freeAt = freeAt
    }

    /// Whether somebody waits and nobody is first.
    package var isLeaderless: Bool { self.head == nil && self.waiting > 0 }

    /// Gives a message the last place.
    ///
    /// - Returns: the place, and `ready` when it is also the first.
    package mutating func enter(_ id: MessageID) -> (place: Int, state: QueueState) {
        let place = self.nextPlace
        self.nextPlace += 1
        guard self.head == nil, self.waiting == 0 else {
            self.waiting += 1
            return (place, .waiting)
        }
        self.head = id
        return (place, .ready)
    }

    /// Takes a message out; the lane may be leaderless then.
    package mutating func leave(_ id: MessageID) {
        if self.head == id { self.head = nil } else { self.waiting -= 1 }
    }

    /// Makes the first of those who wait the head.
    package mutating func promote(_ id: MessageID) {
        self.head = id
        self.waiting -= 1
    }

    /// Keeps a distance after a message that may have reached the recipient.
    package mutating func rest(until time: Timestamp) {
        self.freeAt = max(self.freeAt ?? time, time)
    }
}
