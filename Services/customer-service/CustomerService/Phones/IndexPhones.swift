import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Gives the numbers of organizations their endings, once somebody there has searched for a part of a number.
///
/// Until then, and while it is at it, a search reads the new numbers themselves.
struct IndexPhones: Service {
    /// Numbers of one transaction.
    static let batch = 2000
    /// Organizations that may wait for their turn; another one's next search asks again.
    static let mostWaiting = 1000
    /// Less than after which Postgres looks for a deadlock: it is never this that has somebody else's work undone.
    static let lockTimeout: Duration = .milliseconds(500)

    private let postgres: PostgresPool
    private let logger: Logger
    private let orgs: AsyncStream<OrgID>
    private let waiting: AsyncStream<OrgID>.Continuation

    init(postgres: PostgresPool, logger: Logger) {
        self.postgres = postgres
        self.logger = logger
        (self.orgs, self.waiting) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
    }

    /// Asks for an organization's new numbers to be indexed some time soon.
    func note(_ orgID: OrgID) {
        self.waiting.yield(orgID)
    }

    func run() async throws {
        for await orgID in self.orgs.cancelOnGracefulShutdown() {
            do {
                while try await self.step(of: orgID) {}
            } catch {
                // Searches find them all the same.
                self.logger.info("numbers not indexed", metadata: ["org.id": "\(orgID)", "error": "\(error)"])
            }
        }
    }

    /// - Returns: whether there was something to do.
    func step(of orgID: OrgID) async throws -> Bool {
        try await self.postgres.transaction(for: [orgID], lockTimeout: Self.lockTimeout) { connection in
            try PhoneStore.index(atMost: Self.batch, of: orgID, on: connection)
        }
    }
}
