import Logging
import Postgres
import Shared

extension BucketShares {
    /// Over the gateway's own database.
    convenience init(postgres: PostgresPool, time: GatewayTime, logger: Logger) {
        self.init(
            instant: time.instant,
            clock: ContinuousClock(),
            logger: logger,
            take: { count, owner, limit in
                try await postgres.transaction(for: [owner.orgID]) { connection in
                    try BucketStore.take(upTo: count, from: owner, limit, on: connection)
                }
            },
            giveBack: { shares in
                try await postgres.transaction(for: Array(Set(shares.map(\.owner.orgID)))) { connection in
                    try BucketStore.giveBack(shares, on: connection)
                }
            }
        )
    }
}
