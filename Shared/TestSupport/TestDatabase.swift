package import Postgres

/// The running test's database; traps outside a test that has the `.database` trait.
package enum TestDatabase {
    struct Current: Sendable {
        let name: String
        let role: String
        let connection: PostgresConnection
    }

    @TaskLocal static var current: Current?

    /// Connected as the service's role.
    package static var connection: PostgresConnection { Self.required.connection }

    /// Connects as the service's role.
    package static var url: String { Self.url(as: Self.required.role) }

    /// Connects as another role: one of the trait's `extraRoles`, `herald_owner`, or `postgres`, the superuser.
    package static func url(as role: String) -> String {
        TestServer.url(database: Self.required.name, role: role)
    }

    private static var required: Current {
        guard let current = Self.current else { preconditionFailure("Add the .database trait to this suite.") }
        return current
    }
}
