import InternalAPI
import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Tells customer-service which messages were not sent after all, so that they leave the counts of their recipients.
struct ReleaseCounts: Service {
    typealias Tell = @Sendable ([CustomerAPI.CountedSend]) async throws -> Void

    static let interval: Duration = .seconds(1)
    /// Messages in one call.
    static let batch = 1000

    /// Sees which messages there are, of every organization, and nothing else of them.
    let engine: PostgresPool
    let tell: Tell
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: Self.interval)) != nil {
                do {
                    while try await self.release() == Self.batch {}
                } catch {
                    self.logger.debug("counts not given back yet", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    /// - Returns: how many were told.
    @discardableResult
    func release() async throws -> Int {
        let sends = try await self.engine.run { connection in
            try connection.query(
                "SELECT org_id, message_id FROM unsent_messages ORDER BY org_id, message_id LIMIT \(Self.batch)::int"
            ).map { CustomerAPI.CountedSend(orgID: try $0.get("org_id"), messageID: try $0.get("message_id")) }
        }
        guard !sends.isEmpty else { return 0 }
        try await self.tell(sends)
        try await self.engine.run { connection in
            _ = try connection.query(
                """
                DELETE FROM unsent_messages u
                 USING unnest(\(sends.map(\.orgID))::uuid[], \(sends.map(\.messageID))::uuid[]) AS r (org_id, message_id)
                 WHERE u.org_id = r.org_id AND u.message_id = r.message_id
                """
            )
        }
        return sends.count
    }
}
