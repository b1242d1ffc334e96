import Shared

/// Out of which buckets a caller's requests are paid: its organization's, and its key's own if that has one.
struct RateAccount: Sendable {
    private struct Bucket: Sendable {
        let name: String
        let owner: BucketOwner
        let limit: RateLimit
    }

    private let shares: BucketShares
    /// The narrower one first.
    private let buckets: [Bucket]

    init(_ key: KeyRecord, shares: BucketShares, ordinary limit: RateLimit) {
        self.shares = shares
        let org = Bucket(name: "org", owner: BucketOwner(org: key.orgID), limit: key.org.rateLimit ?? limit)
        let own = key.rateLimit.map { Bucket(name: "key", owner: BucketOwner(key: key.id, of: key.orgID), limit: $0) }
        self.buckets = [own, org].compactMap(\.self)
    }

    /// Pays for a request, or for more of it than was known when it was paid.
    ///
    /// - Throws: `Problem` 429 `rate-limited` with Retry-After; 422 `batch-exceeds-rate-limit` for more than ever fits.
    func pay(_ cost: Int) async throws {
        guard cost > 0 else { return }
        for bucket in self.buckets where cost > bucket.limit.burst {
            throw Problem.batchExceedsRateLimit(cost, bucket.limit)
        }
        var paid: [Bucket] = []
        for bucket in self.buckets {
            if let wait = try await self.shares.pay(cost, from: bucket.owner, bucket.limit) {
                for bucket in paid { self.shares.refund(cost, to: bucket.owner) }
                throw Problem.rateLimited(bucket.name, after: wait)
            }
            paid.append(bucket)
        }
    }

    /// Values of `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10).
    ///
    /// `q` tokens at once, in `w` seconds as many again; `r` are left, and in `t` seconds all are there.
    var headers: (policy: String, limit: String) {
        let states = self.buckets.map { bucket in
            let remaining = self.shares.remaining(of: bucket.owner, bucket.limit)
            return (
                policy:
                    "\"\(bucket.name)\";q=\(bucket.limit.burst);w=\(Self.seconds(bucket.limit.burst, bucket.limit))",
                limit:
                    "\"\(bucket.name)\";r=\(remaining);t=\(Self.seconds(bucket.limit.burst - remaining, bucket.limit))"
            )
        }
        return (states.map(\.policy).joined(separator: ", "), states.map(\.limit).joined(separator: ", "))
    }

    /// Whole seconds in which so many tokens come, rounded up.
    private static func seconds(_ tokens: Int, _ limit: RateLimit) -> Int {
        (tokens + limit.perSecond - 1) / limit.perSecond
    }
}

extension Problem {
    fileprivate static func rateLimited(_ bucket: String, after wait: Duration) -> Problem {
        let owner = bucket == "key" ? "key" : "organization"
        return Problem(
            code: "rate-limited",
            status: 429,
            title: "Too many requests: slow down, and come again after Retry-After.",
            detail: "The limit of this \(owner) is used up.",
            retryAfterSeconds: max(1, Int((wait / .seconds(1)).rounded(.up)))
        )
    }

    fileprivate static func batchExceedsRateLimit(_ cost: Int, _ limit: RateLimit) -> Problem {
        Problem(
            code: "batch-exceeds-rate-limit",
            status: 422,
            title: "The batch has more elements than may ever be sent at once: send it in parts.",
            detail: "It counts as \(cost) requests; at most \(limit.burst) may come at once."
        )
    }
}
