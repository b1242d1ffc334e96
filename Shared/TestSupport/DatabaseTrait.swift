package import Postgres
package import Testing

/// Gives each test its own database, cloned from a template that was migrated once per process.
///
///     @Suite(.database(migrations: MessagingMigrations.all, role: "messaging")) struct DeliveryStoreTests {
///         let connection = TestDatabase.connection
///     }
///
/// A failed `#expect` does not throw, so only a thrown error keeps the database for a look.
package struct DatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    let spec: DatabaseSpec

    package var isRecursive: Bool { true }

    @concurrent package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withClone(of: self.spec) { name in
            let connection = try await PostgresConnection(TestServer.url(database: name, role: self.spec.role))
            let current = TestDatabase.Current(name: name, role: self.spec.role, connection: connection)
            try await TestDatabase.$current.withValue(current) { try await function() }
            await connection.close()
        }
    }
}

extension Trait where Self == DatabaseTrait {
    /// Runs `migrations` as the owner, `herald_owner`, and connects the test as `role`, the service's own.
    ///
    /// Row-level security does not hold for a superuser. `extraRoles` are others that the migrations grant rights to.
    package static func database(migrations: [Migration], role: String, extraRoles: [String] = []) -> Self {
        .init(spec: DatabaseSpec(migrations: migrations, role: role, extraRoles: extraRoles))
    }
}
