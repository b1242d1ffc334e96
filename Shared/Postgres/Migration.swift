package import Logging

/// One numbered step of a schema, run once.
package struct Migration: Sendable, Hashable {
    package let version: Int
    package let name: String
    package let sql: String
    /// A query that says, in its column `has_more`, whether there is more to do; nil for a step that is done at once.
    ///
    /// Then the step runs again, in a transaction of its own, and so holds the locks of a part only.
    let more: SQL?

    /// Takes the file as `.embedInCode` compiled it: `PackageResources.m0001_create_deliveries_sql`.
    package init(_ version: Int, _ name: String, _ bytes: [UInt8]) {
        self.init(version, name, sql: String(decoding: bytes, as: UTF8.self), more: nil)
    }

    init(_ version: Int, _ name: String, sql: String, more: SQL?) {
        self.version = version
        self.name = name
        self.sql = sql
        self.more = more
    }

    package static func == (left: Self, right: Self) -> Bool { left.version == right.version && left.sql == right.sql }

    package func hash(into hasher: inout Hasher) { hasher.combine(self.version) }
}

/// The start of a service's `Main`.
package enum Migrations {
    /// Migrates the database as its owner, on a connection of its own that is closed before the service logs in.
    ///
    /// The owner needs no superuser. A server that is not there yet is waited for, 30 s at most.
    package static func run(
        _ migrations: [Migration],
        ownerURL: String,
        logger: Logger,
        clock: any Clock<Duration> = .continuous
    ) async throws {
        let owner = try await Self.connect(ownerURL, logger: logger, clock: clock)
        do {
            try await owner.migrate(to: migrations, logger: logger, clock: clock)
        } catch {
            await owner.close()
            throw error
        }
        await owner.close()
    }

    private static func connect(
        _ url: String,
        logger: Logger,
        clock: any Clock<Duration>
    ) async throws -> PostgresConnection {
        // A malformed string will not become better.
        _ = try ConnectionString.options(of: url)
        // 30 s in steps of half a second: machines start in any order.
        for _ in 1..<60 {
            do {
                return try await PostgresConnection(SessionSettings(url: url, name: "herald migrations"))
            } catch PostgresError.unavailable(let reason) {
                logger.warning("waiting for postgres to migrate", metadata: ["postgres.reason": "\(reason)"])
                try await clock.sleep(for: .milliseconds(500))
            }
        }
        return try await PostgresConnection(SessionSettings(url: url, name: "herald migrations"))
    }
}
