import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Notes that a gateway is there, and after a time without one asks providers for what they could not deliver meanwhile.
///
/// Meta and SendGrid repeat their webhooks for days by themselves; Twilio gives up at once.
struct CatchUp: Service {
    /// Until the rest is left to a person.
    static let tries = 5

    let postgres: PostgresPool
    let find: FindWebhookAccount
    let backfill: BackfillMessages
    let policy: InboxPolicy
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                // Apart: to ask all accounts may take longer than what counts as an absence.
                group.addTask {
                    await self.regularly { try await self.postgres.run { try PresenceStore.beat(on: $0) } }
                }
                group.addTask { await self.regularly { try await self.catchUp() } }
            }
        }
    }

    /// Does `work` at each beat until shutdown; what fails is tried with the next.
    private func regularly(_ work: () async throws -> Void) async {
        repeat {
            do {
                try await work()
            } catch {
                self.logger.warning("presence not kept", metadata: ["error": "\(error)"])
            }
        } while (try? await self.clock.sleep(for: self.policy.presenceInterval)) != nil
    }

    /// Asks all accounts when none was there to take their webhooks: this process, or the database that it stores them in.
    private func catchUp() async throws {
        guard let since = try await self.postgres.run({ try PresenceStore.behindSince(on: $0) }) else { return }
        var pause = self.policy.catchUpPause
        for attempt in 1...Self.tries {
            if try await self.catchUp(since: since) { break }
            guard attempt < Self.tries else {
                self.logger.error("gave up catching up: ask for single accounts with herald webhooks backfill")
                break
            }
            try await self.clock.sleep(for: pause)
            pause *= 2
        }
        try await self.postgres.run { try PresenceStore.noteCaughtUp(since, on: $0) }
    }

    /// - Returns: whether all accounts could be asked.
    private func catchUp(since: Timestamp) async throws -> Bool {
        var isComplete = true
        var last: OrgID?
        while true {
            let after = last
            let orgs = try await self.postgres.run {
                try InboxRequestStore.orgs(after: after, atMost: InboxWorker.orgsAtOnce, on: $0)
            }
            guard !orgs.isEmpty else { return isComplete }
            let ids = try await self.postgres.transaction(for: orgs) { connection in
                try PresenceStore.accounts(of: orgs, provider: BackfillMessages.provider, on: connection)
            }
            for id in ids {
                do {
                    guard let account = try await self.find(.id(id)) else { continue }
                    let count = try await self.backfill(account, since: since)
                    self.logger.info("caught up", metadata: ["account.id": "\(id)", "messages": "\(count)"])
                } catch {
                    isComplete = false
                    self.logger.warning("not caught up", metadata: ["account.id": "\(id)", "error": "\(error)"])
                }
            }
            last = orgs.last
        }
    }
}
