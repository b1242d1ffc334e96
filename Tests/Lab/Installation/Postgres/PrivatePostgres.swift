import Foundation
package import Glibc
import Postgres
import TestClient

/// A Postgres server of one's own, which may be killed.
package actor PrivatePostgres {
    package nonisolated let port: Int
    nonisolated let programs: PostgresPrograms
    package nonisolated let data: String
    private let plan: PostgresPlan
    private var server: Child?

    /// What the server writes.
    package nonisolated let log: String

    fileprivate init(programs: PostgresPrograms, data: String, plan: PostgresPlan) throws {
        self.port = try FreePort.find()
        self.programs = programs
        self.data = data
        self.plan = plan
        // Not with its data: they may lie on a disk that is taken away, and nobody needs them when it is over.
        let name = URL(filePath: data).lastPathComponent
        self.log = FileManager.default.temporaryDirectory.appending(path: "\(name).log").path()
    }

    /// Connects to a database as a role; nobody has a password here.
    package nonisolated func url(database: String, role: String) -> String {
        "host=127.0.0.1 port=\(self.port) dbname=\(database) user=\(role)"
    }

    fileprivate func create() async throws {
        try await runToEnd(
            self.programs.words(
                "initdb",
                [
                    "--pgdata", self.data, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8",
                    "--locale", "C.UTF-8", "--data-checksums",
                ]
            )
        )
        try await self.start()
        if self.plan.isDurable { try await self.checkDurability() }
    }

    /// Starts the server, and returns when it takes connections: after a kill it first replays its log.
    package func start() async throws {
        guard self.server == nil else { return }
        let arguments = ["-D", self.data, "-p", "\(self.port)"] + self.plan.settings.flatMap { ["-c", $0] }
        let server = try await Child.start(
            Command(
                words: self.programs.words("postgres", arguments, deathSignal: "QUIT"),
                environment: ["PATH": "/usr/bin:/bin"],
                log: self.log
            )
        )
        self.server = server
        let url = self.url(database: "postgres", role: "postgres")
        let took = try await timeUntil(.seconds(60), every: .milliseconds(20)) {
            guard !server.end.isOpen else { throw Unusable("Postgres did not start; its log is \(self.log)") }
            guard let connection = try? await PostgresConnection(url) else { return false }
            await connection.close()
            return true
        }
        guard took != nil else { throw Unusable("Postgres takes no connections; its log is \(self.log)") }
    }

    /// Kills the server and every process of it, as a power cut does, and returns when all are gone.
    package func kill() async throws {
        guard let server = self.server else { return }
        // Stopped first, so that it starts no process while they are looked for.
        server.send(SIGSTOP)
        _ = try await timeUntil(.seconds(2), every: .milliseconds(1)) {
            ProcessEntry(server.pid)?.state ?? "T" == "T"
        }
        let children = try ProcessEntry.children(of: server.pid)
        server.send(SIGKILL)
        for child in children { _ = Glibc.kill(child.pid, SIGKILL) }
        _ = await server.end.value()
        self.server = nil
        _ = try await timeUntil(.seconds(10), every: .milliseconds(2)) { !children.contains(where: \.isAlive) }
        // Should its number belong to another process by now, the next server would take that for this one.
        try? FileManager.default.removeItem(atPath: "\(self.data)/postmaster.pid")
    }

    /// Its first process, while it runs.
    package var pid: pid_t? { self.server.flatMap { $0.end.isOpen ? nil : $0.pid } }

    /// Sends a signal that does not end it to the server's first process alone.
    package func signal(_ signal: Int32) {
        self.server?.send(signal)
    }

    /// Stops the server without writing down what is in memory, as `pg_ctl stop -m immediate`.
    package func stopImmediately() async {
        self.server?.send(SIGQUIT)
        _ = await self.server?.end.value()
        self.server = nil
    }

    /// Starts the server where it has ended by itself.
    package func startIfEnded() async throws {
        if self.server?.end.isOpen == true { self.server = nil }
        try await self.start()
    }

    /// Stops the server in order: what was committed is on the disk.
    package func stop() async {
        self.server?.send(SIGINT)
        _ = await self.server?.end.value()
        self.server = nil
    }

    /// Ends the server for good; its processes notice that it is gone, and end themselves.
    fileprivate func end() async {
        await self.server?.kill()
        self.server = nil
    }

    fileprivate nonisolated func removeData() {
        try? FileManager.default.removeItem(atPath: self.data)
    }

    fileprivate nonisolated func remove() {
        self.removeData()
        try? FileManager.default.removeItem(atPath: self.log)
    }

    private func checkDurability() async throws {
        let connection = try await PostgresConnection(self.url(database: "postgres", role: "postgres"))
        for name in ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"] {
            let rows = try await connection.query("SELECT current_setting(\(name)) AS value")
            guard try rows.first?.get("value", as: String.self) == "on" else { throw Unusable("\(name) is off.") }
        }
        await connection.close()
    }
}

/// Runs `body` with a server of its own, with Herald's databases migrated, and removes it afterwards.
///
/// When something failed its log is kept, and with `HERALD_KEEP=1` its data too.
///
/// - Parameters:
///   - plan: how it is set up.
///   - programs: whose migrations make the tables.
///   - body: is also given the URL of each role.
/// - Returns: what `body` returns.
/// - Throws: what `body` throws; `Unusable` when there is no server to start here.
package func withPrivatePostgres<Value: Sendable>(
    _ plan: PostgresPlan = .durable,
    migratedBy programs: Programs = .current,
    _ body: (PrivatePostgres, [String: String]) async throws -> Value
) async throws -> Value {
    let folder = plan.folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
    let data = folder.appending(path: "herald-postgres-\(UUID())").path()
    let server = try PrivatePostgres(programs: try await PostgresPrograms.find(), data: data, plan: plan)
    let value: Value
    do {
        try await server.create()
        value = try await body(server, try await server.createDatabases(by: programs))
    } catch {
        await server.end()
        // What a cancelled task fails with is its cancellation.
        guard !(error is CancellationError), !Task.isCancelled else {
            server.remove()
            throw CancellationError()
        }
        let isKept = ProcessInfo.processInfo.environment["HERALD_KEEP"] != nil
        if !isKept { server.removeData() }
        print("Kept the log of the Postgres of what failed: \(server.log)\(isKept ? ", and its data: \(data)" : "")")
        throw error
    }
    await server.end()
    server.remove()
    return value
}
