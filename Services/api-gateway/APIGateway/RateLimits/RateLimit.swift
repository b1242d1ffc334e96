import Postgres
import Shared

/// How many requests may be made: `perSecond` for as long as one likes, and `burst` at once after a pause.
///
/// A batch counts as many requests as it has elements.
package struct RateLimit: Sendable, Hashable {
    package static let perSecondRange = 1...100_000
    package static let burstRange = 1...200_000

    package let perSecond: Int
    package let burst: Int

    package init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// Of the columns `rate_per_second` and `rate_burst`, behind a prefix; nil where they are NULL.
    init?(_ row: Row, prefix: String = "") throws(PostgresError) {
        guard let perSecond = try row.getIfPresent("\(prefix)rate_per_second", as: Int.self),
            let burst = try row.getIfPresent("\(prefix)rate_burst", as: Int.self)
        else { return nil }
        self.init(perSecond: perSecond, burst: burst)
    }

    /// Whether whoever is held to `other` may give this to others.
    func isWithin(_ other: Self) -> Bool { self.perSecond <= other.perSecond && self.burst <= other.burst }

    var json: JSONValue {
        ["per_second": .number(JSONNumber(self.perSecond)), "burst": .number(JSONNumber(self.burst))]
    }
}

extension RateLimit? {
    var json: JSONValue { self.map(\.json) ?? .null }
}

extension JSONFields {
    /// Reads `rate_limit`: `{"per_second": 100, "burst": 200}`; the burst left out is one second's.
    mutating func rateLimit() -> RateLimit? {
        self.nested("rate_limit") { fields in
            let perSecond = fields.requiredInt("per_second", RateLimit.perSecondRange)
            let burst = fields.int("burst", RateLimit.burstRange)
            return RateLimit(perSecond: perSecond, burst: burst ?? perSecond)
        }
    }

    /// The same in a change, where null removes the limit, and nothing leaves it as it is.
    mutating func rateLimitChange() -> RateLimitChange {
        guard self.isPresent("rate_limit") else { return .keep }
        return .set(self.rateLimit())
    }
}

/// What is to become of a limit.
package enum RateLimitChange: Sendable, Equatable {
    case keep
    /// Nil: to none of its own.
    case set(RateLimit?)

    func applied(to limit: RateLimit?) -> RateLimit? {
        switch self {
        case .keep: limit
        case .set(let new): new
        }
    }
}
