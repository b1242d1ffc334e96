import Foundation
import Postgres

/// The Postgres that the tests use; its superuser `postgres` logs in without a password.
package enum TestServer {
    /// Owns every test database and runs the migrations; no superuser, as in production.
    package static let owner = "herald_owner"

    /// The server's address comes from the environment, as libpq keywords without `dbname` and `user`.
    package static func url(database: String, role: String) -> String {
        let server = ProcessInfo.processInfo.environment["TEST_POSTGRES"] ?? "host=127.0.0.1 port=5432"
        return "\(server) dbname=\(database) user=\(role)"
    }

    static func connectAsSuperuser() async throws -> PostgresConnection {
        try await PostgresConnection(Self.url(database: "postgres", role: "postgres"))
    }
}
