import Foundation
package import Glibc
import Postgres

extension PrivatePostgres {
    /// Ends every connection in order, as an administrator does.
    package func endConnections() async throws {
        let connection = try await PostgresConnection(self.url(database: "postgres", role: "postgres"))
        try await connection.query(
            """
            SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
             WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            """
        )
        await connection.close()
    }

    /// Whether `pg_amcheck` is installed.
    package nonisolated var canBeChecked: Bool {
        FileManager.default.isExecutableFile(atPath: "\(self.programs.folder)/pg_amcheck")
    }

    /// What `pg_amcheck` finds wrong in the tables and indexes of all databases; nil where it is not installed.
    package func findings() async throws -> String? {
        guard self.canBeChecked else { return nil }
        let arguments = [
            "--host", "127.0.0.1", "--port", "\(self.port)", "--username", "postgres", "--all", "--install-missing",
            "--heapallindexed",
        ]
        do {
            try await runToEnd(self.programs.words("pg_amcheck", arguments))
            return ""
        } catch let failure as Unusable {
            return failure.description
        }
    }

    /// The pids of the server's processes that serve a connection.
    package func connectionProcesses() throws -> [pid_t] {
        guard let pid = self.pid else { return [] }
        return try ProcessEntry.children(of: pid).map(\.pid).filter { child in
            let line = (try? String(contentsOfFile: "/proc/\(child)/cmdline", encoding: .utf8)) ?? ""
            return line.hasPrefix("postgres: ") && line.contains("127.0.0.1(")
        }
    }
}
