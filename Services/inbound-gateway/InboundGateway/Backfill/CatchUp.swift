import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Notes that a gateway is there, and after a time without one asks providers for what they could not deliver meanwhile.
///
/// Meta and SendGrid repeat their webhooks for days by themselves; Twilio gives up at once.
struct CatchUp: Service {
    static let beat: Duration = .seconds(10)
    /// Tries until the rest is left to a person, with pauses that double from a minute.
    static let tries = 5

    let postgres: PostgresPool
    let find: FindWebhookAccount
    let backfill: BackfillMessages
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.catchUp() }
                group.addTask {
                    repeat {
                        _ = try? await self.postgres.run { try PresenceStore.beat(on: $0) }
                    } while (try? await self.clock.sleep(for: Self.beat)) != nil
                }
            }
        }
    }

    private func catchUp() async {
        var pause: Duration = .seconds(60)
        for _ in 0..<Self.tries {
            do {
                guard let since = try await self.postgres.run({ try PresenceStore.behindSince(on: $0) }) else { return }
                if try await self.catchUp(since: since) {
                    return try await self.postgres.run { try PresenceStore.noteCaughtUp(since, on: $0) }
                }
            } catch {
                self.logger.warning("not caught up", metadata: ["error": "\(error)"])
            }
            guard (try? await self.clock.sleep(for: pause)) != nil else { return }
            pause *= 2
        }
        self.logger.error("gave up catching up: ask for single accounts with herald webhooks backfill")
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
