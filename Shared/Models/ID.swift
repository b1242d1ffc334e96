package import Foundation

/// A UUID that can not be confused with the UUID of another kind of row.
package struct ID<Entity>: Hashable, Sendable, Codable, LosslessStringConvertible, Comparable {
    package let uuid: UUID

    package init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// Takes the 36-character form only, in either case: one id has one spelling in a URL.
    package init?(_ description: String) {
        guard let uuid = UUID(canonical: description) else { return nil }
        self.uuid = uuid
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let uuid = UUID(canonical: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an id")
        }
        self.uuid = uuid
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.description)
    }

    package var description: String { self.uuid.canonicalText }

    /// Byte order, as Postgres orders `uuid`; of ids made by `new()` it is the order of their making.
    package static func < (left: Self, right: Self) -> Bool {
        unsafe withUnsafeBytes(of: left.uuid.uuid) { left in
            unsafe withUnsafeBytes(of: right.uuid.uuid) { right in unsafe left.lexicographicallyPrecedes(right) }
        }
    }
}

extension ID {
    /// Makes an id of version 7 (RFC 9562): 48 bits of milliseconds, then 74 random bits.
    ///
    /// Rows that are made together lie together in an index, and a list by id is a list by time.
    package static func new(at time: Timestamp = .now) -> Self {
        var random = SystemRandomNumberGenerator()
        return Self(at: time, random.next(), random.next())
    }

    /// Makes an id that sorts by the millisecond of `time`, and within it by `arrival`.
    ///
    /// After the milliseconds come 51 bits of microseconds since 1970, and 23 random bits.
    package static func new(at time: Timestamp, arrivingAt arrival: Timestamp) -> Self {
        var random = SystemRandomNumberGenerator()
        let arrived = UInt64(clamping: arrival.microseconds) & 0x7_FFFF_FFFF_FFFF
        let low = (arrived & 0x7F_FFFF_FFFF) << 23 | random.next() & 0x7F_FFFF
        return Self(at: time, arrived >> 39, low)
    }

    /// When it was made, to the millisecond, as far as it was made by one of these.
    package var time: Timestamp {
        let milliseconds = unsafe withUnsafeBytes(of: self.uuid.uuid) { bytes in
            unsafe bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        return Timestamp(microseconds: milliseconds * 1000)
    }

    /// The least id that `new(at: time)` can make: where the ids of a time begin.
    package static func first(at time: Timestamp) -> Self {
        Self(at: time, 0, 0)
    }

    private init(at time: Timestamp, _ random1: UInt64, _ random2: UInt64) {
        let milliseconds = UInt64(clamping: time.microseconds / 1000)
        let high = milliseconds << 16 | 0x7000 | (random1 & 0x0FFF)
        let low = 0x8000_0000_0000_0000 | (random2 & 0x3FFF_FFFF_FFFF_FFFF)
        self.init(UUID(high: high, low: low))
    }
}

package enum Organization {}
package enum APIKey {}
package enum ChannelAccount {}
package enum Message {}
package enum Customer {}
package enum Conversation {}
package enum AuditEvent {}
package enum InboxEvent {}
package enum Template {}
/// One content for many recipients.
package enum Broadcast {}

package typealias OrgID = ID<Organization>
package typealias APIKeyID = ID<APIKey>
package typealias AccountID = ID<ChannelAccount>
package typealias MessageID = ID<Message>
package typealias CustomerID = ID<Customer>
package typealias TemplateID = ID<Template>
package typealias ConversationID = ID<Conversation>
