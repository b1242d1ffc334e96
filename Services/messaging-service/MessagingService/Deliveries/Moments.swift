package import Shared

/// When a message was first known to be sent, delivered and read.
///
/// Whoever read a message had it delivered, and whoever had it delivered was sent it: until the earlier moments are told,
/// they are those of the later. A message may be delivered and read several times, by the members of a group, or when a voice
/// message is read and then played: the first time counts. So in whichever order they are told, the same stays.
package struct Moments: Sendable, Equatable {
    package private(set) var sentAt: Timestamp?
    package private(set) var deliveredAt: Timestamp?
    package private(set) var readAt: Timestamp?

    package init(sentAt: Timestamp? = nil, deliveredAt: Timestamp? = nil, readAt: Timestamp? = nil) {
        self.sentAt = sentAt
        self.deliveredAt = deliveredAt
        self.readAt = readAt
    }

    /// Takes in what was told; nothing but the three has a moment.
    ///
    /// - Returns: those of the three that were not known before, in their order.
    package mutating func note(_ status: MessageStatus, at time: Timestamp) -> [MessageStatus] {
        let before = self
        switch status {
        case .sent:
            self.sentAt = Self.earlier(self.sentAt, impliedBy: self.deliveredAt, told: time)
        case .delivered:
            self.deliveredAt = min(self.deliveredAt ?? time, time)
            if self.sentAt == nil || self.sentAt == before.deliveredAt { self.sentAt = self.deliveredAt }
        case .read:
            self.readAt = min(self.readAt ?? time, time)
            self.deliveredAt = min(self.deliveredAt ?? time, time)
            if self.sentAt == nil || self.sentAt == before.deliveredAt { self.sentAt = self.deliveredAt }
        case .scheduled, .queued, .sending, .uncertain, .failed, .skipped, .cancelled, .expired:
            return []
        }
        let known: [(MessageStatus, Timestamp?, Timestamp?)] = [
            (.sent, before.sentAt, self.sentAt), (.delivered, before.deliveredAt, self.deliveredAt),
            (.read, before.readAt, self.readAt),
        ]
        return known.filter { $0.1 == nil && $0.2 != nil }.map(\.0)
    }

    /// A moment that was only implied by a later one gives way to the one that is told, if that is earlier.
    private static func earlier(
        _ known: Timestamp?,
        impliedBy later: Timestamp?,
        told time: Timestamp
    ) -> Timestamp {
        guard let known else { return time }
        return known == later ? min(known, time) : known
    }
}
