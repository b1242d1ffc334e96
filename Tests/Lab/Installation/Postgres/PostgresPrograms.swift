import Foundation
import Subprocess

/// The programs of a Postgres server, and who runs them: Postgres refuses to run as root.
package struct PostgresPrograms: Sendable {
    /// As `deploy/lib/postgres.sh` has it.
    private static let oldestVersion = 15

    package let folder: String
    /// What goes before a program's name.
    package let asItsUser: [String]

    package static func find() async throws -> PostgresPrograms {
        PostgresPrograms(folder: try await self.newest(), asItsUser: try await self.user())
    }

    package func words(_ program: String, _ arguments: [String], deathSignal: String? = nil) -> [String] {
        let guardWords = deathSignal.map { ["setpriv", "--pdeathsig", $0, "--"] } ?? []
        return self.asItsUser + guardWords + ["\(self.folder)/\(program)"] + arguments
    }

    private static func newest() async throws -> String {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let candidates =
            versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
            + ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"]
        for candidate in candidates {
            let needed = ["initdb", "postgres", "psql"].map { "\(candidate)/\($0)" }
            guard needed.allSatisfy({ FileManager.default.isExecutableFile(atPath: $0) }) else { continue }
            let answer = try await run(
                .name("env"),
                arguments: Arguments(["\(candidate)/postgres", "--version"]),
                output: .string(limit: 1 << 12),
                error: .discarded
            )
            // `postgres (PostgreSQL) 15.8 (Debian 15.8-0+deb12u1)`
            let words = answer.standardOutput.split(separator: " ")
            let version = words.compactMap { $0.split(separator: ".").first.flatMap { Int($0) } }.first
            if let version, version >= self.oldestVersion { return candidate }
        }
        throw Unusable(
            "This starts a Postgres server of its own: install one of version \(self.oldestVersion) or newer."
        )
    }

    private static func user() async throws -> [String] {
        guard getuid() == 0 else { return ["env", "--chdir=/"] }
        for user in ["postgres", "herald-postgres"] {
            let answer = try await run(
                .name("id"),
                arguments: Arguments(["-u", user]),
                output: .discarded,
                error: .discarded
            )
            guard answer.terminationStatus.isSuccess else { continue }
            return [
                "setpriv", "--reuid", user, "--regid", user, "--init-groups", "--", "env", "--chdir=/", "HOME=/",
            ]
        }
        throw Unusable("Postgres does not run as root, and there is no user postgres: install the server's package.")
    }
}

/// Runs a program to its end.
///
/// - Parameters:
///   - words: the program and its arguments.
///   - environment: all that it gets, beside `PATH`.
/// - Throws: `Unusable` with what it wrote, when it fails.
package func runToEnd(_ words: [String], environment: [String: String] = [:]) async throws {
    let settings = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }.map { "\($0.key)=\($0.value)" }.sorted()
    let result = try await run(
        .name("env"),
        arguments: Arguments(["-i"] + settings + words),
        output: .discarded,
        error: .string(limit: 1 << 16)
    )
    guard result.terminationStatus.isSuccess else {
        throw Unusable("\(words.joined(separator: " ")): \(result.terminationStatus): \(result.standardError)")
    }
}
