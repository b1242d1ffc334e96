package import Configuration
import Shared

/// What is wrong with a database that a service is about to use, in sentences: nothing when it can be used.
package enum DatabaseInspection {
    /// Looks at the databases that the settings name.
    ///
    /// - Parameters:
    ///   - migrations: those that the program was built with.
    ///   - service: whose `migrate` brings the schema up to date.
    ///   - scopes: of the keys `<scope>.url`.
    ///   - reader: the settings.
    /// - Returns: a sentence for each finding.
    package static func findings(
        of migrations: [Migration],
        service: String,
        scopes: [String] = ["postgres"],
        in reader: ConfigReader
    ) async -> [String] {
        var findings: [String] = []
        for scope in scopes {
            let variable = "\(scope.replacing(".", with: "_").uppercased())_URL"
            guard let config = try? await PostgresConfig(reader: reader.scoped(to: ConfigKey(scope))) else { continue }
            do {
                let found = try await self.look(config, migrations, service)
                findings += found.map { "\(variable): \($0)" }
            } catch PostgresError.unavailable(let reason) {
                findings.append("\(variable): the database does not answer: \(reason)")
            } catch {
                findings.append("\(variable): \(error)")
            }
        }
        return findings
    }

    private static func look(
        _ config: PostgresConfig,
        _ migrations: [Migration],
        _ service: String
    ) async throws -> [String] {
        let before = Timestamp.now
        let connection = try await PostgresConnection(config.session)
        do {
            let rows = try await connection.query(
                """
                SELECT clock_timestamp() AS now, to_regclass('migrations') IS NOT NULL AS has_schema,
                       coalesce(has_table_privilege(to_regclass('migrations'), 'SELECT'), false) AS may_see_schema,
                       (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS is_unbound
                """
            )
            let after = Timestamp.now
            guard let row = rows.first else { throw PostgresError.decoding(column: "now", type: "Timestamp") }
            var findings: [String] = []
            if try row.get("is_unbound", as: Bool.self) {
                findings.append("it logs in as a role that row-level security does not bind; give it the service's own")
            }
            findings += self.clock(try row.get("now"), between: before, after)
            let mayRead: Bool = try row.get("may_see_schema")
            if try !row.get("has_schema", as: Bool.self) {
                findings.append("the database has no schema: run \(service) migrate")
            } else if !mayRead {
                findings.append("the schema is older than this program: run \(service) migrate")
            } else {
                findings += self.schema(try await connection.migrationNames(), migrations, service)
            }
            await connection.close()
            return findings
        } catch {
            await connection.close()
            throw error
        }
    }

    /// What the clocks are apart, as far as the time of the question does not explain it.
    static func clock(_ theirs: Timestamp, between before: Timestamp, _ after: Timestamp) -> [String] {
        ClockDistance.text(of: theirs, askedFrom: before, to: after)
            .map { ["the database's clock is \($0) this machine's: set the one that is wrong"] } ?? []
    }

    static func schema(_ names: [Int: String], _ migrations: [Migration], _ service: String) -> [String] {
        do throws(MigrationFailure) {
            let pending = try MigrationHistory(names: names).pending(of: migrations)
            guard let newest = pending.last else { return [] }
            let has = names.keys.max().map { "migration \($0)" } ?? "none"
            return [
                "the schema is older than this program, which needs migration \(newest.version) where there is \(has): run \(service) migrate"
            ]
        } catch .databaseIsNewer(let version, let newestKnown) {
            return [
                "the schema is newer than this program, which knows migration \(newestKnown) where there is \(version): start a newer program"
            ]
        } catch {
            return ["\(error)"]
        }
    }
}

extension PostgresConnection {
    fileprivate func migrationNames() throws(PostgresError) -> [Int: String] {
        var names: [Int: String] = [:]
        for row in try self.query("SELECT version, name FROM migrations") {
            names[try row.get("version")] = try row.get("name")
        }
        return names
    }
}
