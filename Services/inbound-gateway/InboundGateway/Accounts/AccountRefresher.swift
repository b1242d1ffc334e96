import InternalAPI
import Logging
import ServiceLifecycle
import Shared

/// The accounts whose copy is to be fetched anew, while webhooks go on using the old one.
final class AccountRefresher: Sendable {
    private let ids: AsyncStream<AccountID>
    private let continuation: AsyncStream<AccountID>.Continuation

    init() {
        // One page of the cache: an account that is dropped here is added again by a webhook a minute later.
        (self.ids, self.continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
    }

    func add(_ id: AccountID) {
        self.continuation.yield(id)
    }

    /// Fetches one after the other until shutdown: a refresh is never worth a burst of questions.
    func run(_ find: FindWebhookAccount, logger: Logger) async {
        for await id in self.ids.cancelOnGracefulShutdown() {
            do {
                try await find.fetch(.id(id))
            } catch {
                logger.info("account not refreshed", metadata: ["account.id": "\(id)", "error": "\(error)"])
            }
        }
    }
}

/// Runs an `AccountRefresher` until shutdown.
struct RefreshAccounts: Service {
    let find: FindWebhookAccount
    let logger: Logger

    func run() async throws {
        await self.find.refresher.run(self.find, logger: self.logger)
    }
}
