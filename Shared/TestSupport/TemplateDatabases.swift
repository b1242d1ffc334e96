import Foundation
import Postgres

/// One migrated database for each schema that a test of this process asked for, and its clones.
actor TemplateDatabases {
    static let shared = TemplateDatabases()
    private var templates: [DatabaseSpec: Task<String, any Error>] = [:]
    private var admin: Task<PostgresConnection, any Error>?

    /// Returns the name of a new database, a copy of the template.
    @concurrent nonisolated func clone(_ spec: DatabaseSpec) async throws -> String {
        let admin = try await self.superuser()
        let template = try await self.template(of: spec)
        let name = "t_\(UUID().uuidString.prefix(8).lowercased())_\(getpid())"
        try await admin.execute(
            script: "CREATE DATABASE \"\(name)\" TEMPLATE \"\(template)\" OWNER \(TestServer.owner) STRATEGY file_copy"
        )
        return name
    }

    @concurrent nonisolated func drop(_ name: String) async throws {
        try await self.superuser().execute(script: "DROP DATABASE \"\(name)\" WITH (FORCE)")
    }

    /// One connection for all tests: making databases waits for the disk, and the server's connections are few.
    private func superuser() async throws -> PostgresConnection {
        if let admin { return try await admin.value }
        let admin = Task {
            let admin = try await TestServer.connectAsSuperuser()
            try await Self.dropOldDatabases(on: admin)
            return admin
        }
        self.admin = admin
        return try await admin.value
    }

    private func template(of spec: DatabaseSpec) async throws -> String {
        if let task = self.templates[spec] { return try await task.value }
        let name = "template_\(self.templates.count)_\(getpid())"
        let task = Task {
            try await self.create(name, spec)
            return name
        }
        self.templates[spec] = task
        return try await task.value
    }

    @concurrent private nonisolated func create(_ name: String, _ spec: DatabaseSpec) async throws {
        let admin = try await self.superuser()
        try await admin.transaction { connection in
            // Other test processes make the same roles.
            try connection.query("SELECT pg_advisory_xact_lock(7062)")
            for role in [TestServer.owner] + spec.roles
            where try connection.query("SELECT 1 FROM pg_roles WHERE rolname = \(role)").isEmpty {
                try connection.execute(script: "CREATE ROLE \"\(role)\" LOGIN")
            }
        }
        try await admin.execute(script: "CREATE DATABASE \"\(name)\" OWNER \(TestServer.owner)")
        let owner = try await PostgresConnection(TestServer.url(database: name, role: TestServer.owner))
        do {
            try await owner.migrate(to: spec.migrations)
        } catch {
            await owner.close()
            throw error
        }
        // A database with connections can not be cloned, and `deinit` would close this one some time later.
        await owner.close()
    }

    /// Drops, once per process, what test processes that have ended left behind; their id ends the name.
    private static func dropOldDatabases(on admin: PostgresConnection) async throws {
        let names = try await admin.query(
            "SELECT datname::text FROM pg_database WHERE datname ~ '^(t|template)_[0-9a-f]+_[0-9]+$'"
        )
        for row in names {
            let name = try row.get("datname", as: String.self)
            guard let pid = name.split(separator: "_").last.flatMap({ pid_t($0) }), kill(pid, 0) != 0 else {
                continue
            }
            try await admin.execute(script: "DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)")
        }
    }
}
