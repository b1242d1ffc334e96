import InternalAPI
import Logging
import Postgres
import Shared

/// Finds the account that a webhook names: in memory, then in our database, then by asking messaging-service.
struct FindWebhookAccount: Sendable {
    enum Failure: Error {
        /// There is no copy, and messaging-service gave no answer.
        case messagingUnavailable
    }

    let messaging: any MessagingClient
    let postgres: PostgresPool
    let store: WebhookAccountStore
    let cache: AccountCache
    let refresher: AccountRefresher
    let logger: Logger
    let now: @Sendable () -> Timestamp

    /// - Returns: nil when neither we nor messaging-service know it.
    /// - Throws: when there is no copy, and the database or messaging-service can not be asked for one.
    func callAsFunction(_ query: MessagingAPI.WebhookAccountQuery) async throws -> KnownAccount? {
        guard let known = try await self.copy(query) else { return try await self.fetch(query) }
        if self.now() - known.checkedAt > KnownAccount.refreshAge,
            self.cache.claimCheck(of: known, at: self.now())
        {
            self.refresher.add(known.account.accountID)
        }
        return known
    }

    /// Asks messaging-service again about an account whose secret did not match.
    ///
    /// - Parameters:
    ///   - known: the copy.
    ///   - query: how it was found: a number may have moved to another account.
    /// - Returns: nil when the copy is too young for it, when there is no answer, or when nothing changed.
    func changed(_ known: KnownAccount, foundBy query: MessagingAPI.WebhookAccountQuery) async -> KnownAccount? {
        guard self.now() - known.checkedAt > KnownAccount.recheckAge,
            self.cache.claimCheck(of: known, at: self.now()),
            let fetched = try? await self.fetch(query),
            fetched.account != known.account
        else { return nil }
        return fetched
    }

    private func copy(_ query: MessagingAPI.WebhookAccountQuery) async throws -> KnownAccount? {
        if let known = self.cache.find(query) { return known }
        let store = self.store
        guard let owner = try await self.postgres.run({ try store.owner(of: query, on: $0) }) else { return nil }
        let known = try await self.postgres.transaction(for: [owner.orgID]) { try store.find(owner, on: $0) }
        if let known { self.cache.set(known, foundBy: query) }
        return known
    }

    /// Asks messaging-service, and keeps its answer; an account it no longer knows is forgotten.
    @discardableResult
    func fetch(_ query: MessagingAPI.WebhookAccountQuery) async throws -> KnownAccount? {
        let asked = self.now()
        let store = self.store
        let answer: MessagingAPI.WebhookAccount?
        do {
            answer = try await self.messaging.webhookAccount(query)
        } catch {
            // Its own words (a status of its own, say) are about our question, not about the webhook.
            self.logger.warning("webhook account not fetched", metadata: ["error": "\(error)"])
            throw Failure.messagingUnavailable
        }
        guard let account = answer else {
            try await self.forget(query)
            return nil
        }
        try await self.postgres.transaction(for: [account.orgID]) { connection in
            try store.save(account, at: asked, foundBy: query, on: connection)
        }
        let known = KnownAccount(account: account, checkedAt: asked)
        self.cache.set(known, foundBy: query)
        return known
    }

    private func forget(_ query: MessagingAPI.WebhookAccountQuery) async throws {
        let store = self.store
        guard let owner = try await self.postgres.run({ try store.owner(of: query, on: $0) }) else { return }
        try await self.postgres.transaction(for: [owner.orgID]) { connection in
            try store.delete(owner, foundBy: query, on: connection)
        }
        self.cache.remove(query)
    }
}
