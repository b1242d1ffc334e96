package import Foundation
import Postgres
package import Shared

/// Whose tokens they are: an organization's, or one key's.
package struct BucketOwner: Sendable, Hashable {
    package let orgID: OrgID
    package let id: UUID

    package init(org orgID: OrgID) {
        self.orgID = orgID
        self.id = orgID.uuid
    }

    package init(key id: APIKeyID, of orgID: OrgID) {
        self.orgID = orgID
        self.id = id.uuid
    }
}

/// What a bucket gave to a gateway.
package struct Grant: Sendable, Equatable {
    package let count: Int
    /// Tokens that are still there.
    package let rest: Int
    /// Until the next token is there; zero when one is.
    package let wait: Duration

    package init(count: Int, rest: Int, wait: Duration) {
        self.count = count
        self.rest = rest
        self.wait = wait
    }
}

/// The statements on `rate_buckets`.
enum BucketStore {
    /// Takes up to `count` tokens, by the database's clock: gateways have clocks of their own.
    static func take(
        upTo count: Int,
        from owner: BucketOwner,
        _ limit: RateLimit,
        on connection: isolated PostgresConnection
    ) throws -> Grant {
        guard let row = try self.lock(owner, on: connection) ?? self.make(owner, on: connection) else {
            throw Problem.unavailable
        }
        let now: Timestamp = try row.get("now")
        var bucket = TokenBucket(fullAt: try row.get("full_at"))
        let taken = bucket.take(upTo: count, at: now, limit)
        if taken > 0 {
            try connection.query(
                """
                UPDATE rate_buckets SET full_at = \(bucket.fullAt)
                 WHERE org_id = \(owner.orgID) AND owner_id = \(owner.id)
                """
            )
        }
        return Grant(
            count: taken,
            rest: bucket.available(at: now, limit),
            wait: bucket.wait(for: 1, at: now, limit) ?? .zero
        )
    }

    /// Gives tokens back that nobody used; each for its own owner, whose organization the transaction has in its scope.
    static func giveBack(
        _ shares: [(owner: BucketOwner, time: Duration)],
        on connection: isolated PostgresConnection
    ) throws {
        try connection.query(
            """
            UPDATE rate_buckets b SET full_at = b.full_at - u.microseconds * interval '1 microsecond'
              FROM unnest(\(shares.map(\.owner.orgID))::uuid[], \(shares.map(\.owner.id))::uuid[],
                          \(shares.map { Int($0.time.microseconds) })::bigint[]) AS u (org_id, owner_id, microseconds)
             WHERE b.org_id = u.org_id AND b.owner_id = u.owner_id
            """
        )
    }

    private static func lock(_ owner: BucketOwner, on connection: isolated PostgresConnection) throws -> Row? {
        try connection.query(
            """
            SELECT full_at, clock_timestamp() AS now FROM rate_buckets
             WHERE org_id = \(owner.orgID) AND owner_id = \(owner.id) FOR UPDATE
            """
        ).first
    }

    /// A bucket is full when it is first asked for.
    private static func make(_ owner: BucketOwner, on connection: isolated PostgresConnection) throws -> Row? {
        try connection.query(
            """
            INSERT INTO rate_buckets (org_id, owner_id, full_at) VALUES (\(owner.orgID), \(owner.id), clock_timestamp())
            ON CONFLICT (org_id, owner_id) DO NOTHING
            """
        )
        return try self.lock(owner, on: connection)
    }
}
