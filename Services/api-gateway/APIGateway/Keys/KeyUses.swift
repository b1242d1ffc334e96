import Logging
import Postgres
import ServiceLifecycle
import Shared
import Synchronization

/// Remembers when keys were used, and writes it down once a minute, outside every request.
final class KeyUses: Service {
    struct Use: Sendable {
        let orgID: OrgID
        let id: APIKeyID
        let at: Timestamp
    }

    /// How often a key's time is written at most.
    private static let interval: Duration = .seconds(60)
    /// Keys in one statement: as many as a transaction scopes without effort.
    private static let mostInStatement = 500

    private let uses = Mutex<[APIKeyID: Use]>([:])
    private let postgres: PostgresPool
    private let clock: any Clock<Duration>
    private let logger: Logger

    init(postgres: PostgresPool, clock: any Clock<Duration>, logger: Logger) {
        self.postgres = postgres
        self.clock = clock
        self.logger = logger
    }

    func note(_ key: KeyRecord, at time: Timestamp) {
        self.uses.withLock { $0[key.id] = Use(orgID: key.orgID, id: key.id, at: time) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await self.clock.sleep(for: Self.interval)) != nil { await self.write() }
        }
        await self.write()
    }

    /// Writes what was noted; a time that can not be written is lost, the next use brings another.
    func write() async {
        let uses = self.uses.withLock { uses in
            defer { uses = [:] }
            return Array(uses.values)
        }
        for start in stride(from: 0, to: uses.count, by: Self.mostInStatement) {
            let part = Array(uses[start..<min(start + Self.mostInStatement, uses.count)])
            do {
                try await self.postgres.transaction(for: Array(Set(part.map(\.orgID)))) { connection in
                    try KeyStore.use(part, on: connection)
                }
            } catch {
                self.logger.warning("times of use not written", metadata: ["error": "\(String(reflecting: error))"])
            }
        }
    }
}
