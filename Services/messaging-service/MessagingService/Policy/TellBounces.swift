import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Tells customer-service which addresses take no mail for good, so that nothing more is sent to them.
struct TellBounces: Service {
    typealias Tell = @Sendable ([CustomerAPI.Bounce]) async throws -> Void

    static let interval: Duration = .seconds(1)
    /// Messages in one call.
    static let batch = 500

    /// Sees which messages there are, of every organization, and nothing else of them.
    let engine: PostgresPool
    let postgres: PostgresPool
    let tell: Tell
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: Self.interval)) != nil {
                do {
                    while try await self.tellSome() == Self.batch {}
                } catch {
                    self.logger.debug("bounces not told yet", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// - Returns: how many are dealt with.
    @discardableResult
    func tellSome() async throws -> Int {
        let keys = try await self.engine.run { connection in
            try connection.query(BounceStore.untold(atMost: Self.batch)).map {
                MessageKey(orgID: try $0.get("org_id"), id: try $0.get("message_id"))
            }
        }
        guard !keys.isEmpty else { return 0 }
        let bounces = try await self.postgres.transaction(for: Array(Set(keys.map(\.orgID)))) { connection in
            try connection.query(BounceStore.addresses(of: keys)).map { row in
                CustomerAPI.Bounce(
                    orgID: try row.get("org_id"),
                    messageID: try row.get("id"),
                    email: try row.get("recipient")
                )
            }
        }
        if !bounces.isEmpty { try await self.tell(bounces) }
        try await self.engine.run { connection in _ = try connection.query(BounceStore.forget(keys)) }
        return keys.count
    }
}
