package import Configuration
package import Shared

/// How to reach one service's database.
///
/// Keys, under the scope the caller chose:
/// - `url` (string, required, secret): libpq connection string or URI.
/// - `poolSize` (int, default 8, range 1–64): connections held open.
/// - `statementTimeout` (int, seconds, default 5, range 1–300): Postgres cancels a statement that runs longer.
/// - `acquireTimeout` (int, seconds, default 2, range 1–60): how long a caller waits for a connection.
/// - `name` (string, default `herald`, at most 63 bytes): `application_name`, shown in `pg_stat_activity`.
package struct PostgresConfig: Sendable {
    package let url: String
    package let poolSize: Int
    package let statementTimeout: Duration
    package let acquireTimeout: Duration
    package let name: String

    package init(
        url: String,
        poolSize: Int = 8,
        statementTimeout: Duration = .seconds(5),
        acquireTimeout: Duration = .seconds(2),
        name: String = "herald"
    ) throws(ConfigFailure) {
        self.url = url
        self.poolSize = poolSize
        self.statementTimeout = statementTimeout
        self.acquireTimeout = acquireTimeout
        self.name = name
        guard (1...64).contains(poolSize) else {
            throw ConfigFailure(key: "poolSize", reason: "\(poolSize) is outside 1...64")
        }
        guard statementTimeout >= .milliseconds(1), statementTimeout <= .seconds(300) else {
            throw ConfigFailure(key: "statementTimeout", reason: "\(statementTimeout) is outside 1 to 300 seconds")
        }
        guard acquireTimeout >= .milliseconds(1), acquireTimeout <= .seconds(60) else {
            throw ConfigFailure(key: "acquireTimeout", reason: "\(acquireTimeout) is outside 1 to 60 seconds")
        }
        // Postgres cuts a longer one.
        guard (1...63).contains(name.utf8.count) else {
            throw ConfigFailure(key: "name", reason: "it has \(name.utf8.count) bytes, outside 1...63")
        }
    }

    /// Reads with `fetch…`, which throws on a malformed value where `int(forKey:default:)` would use the default.
    package init(reader: ConfigReader) async throws {
        try self.init(
            url: await reader.fetchRequiredString(forKey: "url", isSecret: true),
            poolSize: await reader.fetchInt(forKey: "poolSize", default: 8),
            statementTimeout: await reader.fetchInt(
                forKey: "statementTimeout",
                as: Duration.self,
                default: .seconds(5)
            ),
            acquireTimeout: await reader.fetchInt(forKey: "acquireTimeout", as: Duration.self, default: .seconds(2)),
            name: await reader.fetchString(forKey: "name", default: "herald")
        )
    }

    var session: SessionSettings {
        SessionSettings(url: self.url, name: self.name, statementTimeout: self.statementTimeout)
    }
}
