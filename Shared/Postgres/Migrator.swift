package import Logging

extension PostgresConnection {
    /// Brings the database to the newest of `migrations`, each in its own transaction, or one for each of its parts; applied ones
    /// are skipped.
    ///
    /// Two services starting at once are serialised by an advisory lock, so the second finds nothing to do.
    /// A migration that waits longer than 200 ms for a table's lock stops, rather than stop everyone behind it, and is tried
    /// again up to a hundred times, over about a minute and a half. The table `migrations` belongs to the connected role; others may read it.
    /// - Throws: `MigrationFailure` when the database and `migrations` contradict each other.
    package nonisolated func migrate(
        to migrations: [Migration],
        logger: Logger? = nil,
        clock: any Clock<Duration> = .continuous
    ) async throws {
        try MigrationHistory.check(migrations)
        let applied = try await self.transaction { connection in
            try connection.lockMigrations()
            try connection.createMigrationsTable()
            return try connection.migrationHistory()
        }
        for migration in try applied.pending(of: migrations) {
            while try await self.applyWithRetries(migration, clock: clock) {}
            logger?.info(
                "migration applied",
                metadata: ["migration.version": "\(migration.version)", "migration.name": "\(migration.name)"]
            )
        }
    }

    /// A hundred tries of 200 ms, with pauses of 100 ms to 1 s in which those who queued behind the lock get on.
    ///
    /// - Returns: whether there is more to do.
    private nonisolated func applyWithRetries(_ migration: Migration, clock: any Clock<Duration>) async throws -> Bool {
        for attempt in 1..<100 {
            do {
                return try await self.apply(migration)
            } catch PostgresError.lockTimeout {
                try await clock.sleep(for: .milliseconds(min(100 * attempt, 1000)))
            }
        }
        return try await self.apply(migration)
    }

    private func apply(_ migration: Migration) throws -> Bool {
        try self.transaction { connection in
            try connection.lockMigrations()
            // Another process may have applied it meanwhile.
            guard try connection.migrationHistory().names[migration.version] == nil else { return false }
            try connection.execute(script: "SET LOCAL lock_timeout = '200ms'")
            try connection.execute(script: migration.sql)
            if let more = migration.more, try connection.query(more)[0].get("has_more") { return true }
            try connection.query(
                "INSERT INTO migrations (version, name) VALUES (\(migration.version), \(migration.name))"
            )
            return false
        }
    }

    /// The number is arbitrary; it must only differ from those of other advisory locks in the same database.
    private func lockMigrations() throws(PostgresError) {
        try self.query("SELECT pg_advisory_xact_lock(7061)")
    }

    private func createMigrationsTable() throws(PostgresError) {
        try self.execute(
            script: """
                CREATE TABLE IF NOT EXISTS migrations (
                    version    int         PRIMARY KEY,
                    name       text        NOT NULL,
                    applied_at timestamptz NOT NULL DEFAULT now()
                );
                -- A service says which schema it found.
                GRANT SELECT ON migrations TO PUBLIC;
                """
        )
    }

    private func migrationHistory() throws(PostgresError) -> MigrationHistory {
        var names: [Int: String] = [:]
        for row in try self.query("SELECT version, name FROM migrations") {
            names[try row.get("version")] = try row.get("name")
        }
        return MigrationHistory(names: names)
    }
}
