package import Logging
import Metrics
package import Postgres
package import Secrets
import ServiceLifecycle
import Shared

/// Seals with the newest master key what an earlier one sealed, while everything goes on.
///
/// It looks at the start, and then every five minutes while there is more than one key, because another replica may still seal
/// with the one before. What opens by no key is left as it is, and told. Several replicas may run: each row is locked.
package struct ResealSecrets: Service {
    /// What one look came to.
    package struct Outcome: Sendable, Equatable {
        /// Sealed anew.
        package var sealed = 0
        /// Open by no key.
        package var closed = 0

        package init(sealed: Int = 0, closed: Int = 0) {
            self.sealed = sealed
            self.closed = closed
        }
    }

    private static let interval: Duration = .seconds(300)
    /// Accounts that are looked up at once.
    private static let page = 200

    private let postgres: PostgresPool
    private let secrets: SecretBox
    private let store: SealedStore
    private let clock: any Clock<Duration>
    private let logger: Logger
    /// Secrets that no key of ours opens: 0, or somebody has to find the key.
    private let closed: Gauge
    private let sealed: Counter

    package init(
        _ column: SealedColumn,
        postgres: PostgresPool,
        secrets: SecretBox,
        clock: any Clock<Duration> = .continuous,
        logger: Logger
    ) {
        self.postgres = postgres
        self.secrets = secrets
        self.store = SealedStore(column: column)
        self.clock = clock
        self.logger = logger
        self.closed = Gauge(label: "herald_secrets_closed", dimensions: [("column", column.name)])
        self.sealed = Counter(label: "herald_secrets_resealed_total", dimensions: [("column", column.name)])
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    let outcome = try await self()
                    if outcome == Outcome(), self.secrets.hasOneKey { break }
                } catch {
                    guard !Task.isCancelled else { return }
                    self.logger.warning("secrets not sealed anew", metadata: ["error": "\(error)"])
                }
            } while (try? await self.clock.sleep(for: Self.interval)) != nil
        }
        // A service that ends would end the process.
        try? await gracefulShutdown()
    }

    /// Looks at every secret once, a few at a time.
    @discardableResult
    package func callAsFunction() async throws -> Outcome {
        var outcome = Outcome()
        var last: AccountID?
        while true {
            let after = last
            let accounts = try await self.postgres.run { connection in
                try connection.query(self.store.accounts(after: after, limit: Self.page)).map { row in
                    SealedAccount(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
                }
            }
            let outcomes = try await self.postgres.answers(to: accounts, orgID: \.orgID) { accounts, connection in
                [try self.reseal(accounts, on: connection)] + Array(repeating: Outcome(), count: accounts.count - 1)
            }
            for part in outcomes {
                outcome.sealed += part.sealed
                outcome.closed += part.closed
            }
            last = accounts.last?.accountID
            guard accounts.count == Self.page else { break }
        }
        self.tell(outcome)
        return outcome
    }

    private func reseal(_ accounts: [SealedAccount], on connection: isolated PostgresConnection) throws -> Outcome {
        let rows = try connection.query(self.store.sealed(accounts, otherThan: self.secrets.header))
        guard !rows.isEmpty else { return Outcome() }
        var (resealed, outcome): ([SealedRow], Outcome) = ([], Outcome())
        for row in try rows.map({ try SealedRow($0) }) {
            let place = self.store.column.place(of: row)
            guard let secret = try? self.secrets.open(row.sealed, at: place) else {
                outcome.closed += 1
                self.logger.error(
                    "a secret opens by no master key",
                    metadata: [
                        "column": "\(self.store.column.name)", "org.id": "\(row.orgID)",
                        "account.id": "\(row.accountID)",
                    ]
                )
                continue
            }
            resealed.append(
                SealedRow(
                    orgID: row.orgID,
                    accountID: row.accountID,
                    sealed: try self.secrets.seal(secret, at: place)
                )
            )
        }
        if !resealed.isEmpty { try connection.query(self.store.update(resealed)) }
        outcome.sealed = resealed.count
        return outcome
    }

    private func tell(_ outcome: Outcome) {
        self.closed.record(outcome.closed)
        guard outcome.sealed > 0 else { return }
        self.sealed.increment(by: outcome.sealed)
        self.logger.info(
            "secrets sealed anew",
            metadata: [
                "column": "\(self.store.column.name)", "sealed": "\(outcome.sealed)", "closed": "\(outcome.closed)",
            ]
        )
    }
}
