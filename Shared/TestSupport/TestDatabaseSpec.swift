package import Postgres

/// What a database of a test is made of.
package struct DatabaseSpec: Sendable, Hashable {
    package let migrations: [Migration]
    /// The service's own role, as which it logs in.
    package let role: String
    /// Other roles that the migrations grant rights to.
    package let extraRoles: [String]

    package init(migrations: [Migration], role: String, extraRoles: [String] = []) {
        self.migrations = migrations
        self.role = role
        self.extraRoles = extraRoles
    }

    var roles: [String] { [self.role] + self.extraRoles }
}

/// Makes a database for each of `specs`, for tests of several services at once, and drops them afterwards.
///
/// `body` is given the URL of each role, so no two specs may name the same one. A thrown error keeps the databases.
package func withDatabases<Result: Sendable>(
    _ specs: [DatabaseSpec],
    body: ([String: String]) async throws -> Result
) async throws -> Result {
    try await withDatabases(specs[...], urls: [:], body: body)
}

private func withDatabases<Result: Sendable>(
    _ specs: ArraySlice<DatabaseSpec>,
    urls: [String: String],
    body: ([String: String]) async throws -> Result
) async throws -> Result {
    guard let spec = specs.first else { return try await body(urls) }
    return try await withClone(of: spec) { name in
        var urls = urls
        for role in spec.roles {
            precondition(urls[role] == nil, "Two databases can not have the same role here: \(role)")
            urls[role] = TestServer.url(database: name, role: role)
        }
        return try await withDatabases(specs.dropFirst(), urls: urls, body: body)
    }
}

/// Clones the template of `spec` for the length of `body`, which is given the clone's name.
func withClone<Result: Sendable>(
    of spec: DatabaseSpec,
    body: (String) async throws -> Result
) async throws -> Result {
    let name = try await TemplateDatabases.shared.clone(spec)
    let result: Result
    do {
        result = try await body(name)
    } catch {
        print("Kept the database of the failed test: \(name)")
        throw error
    }
    try await TemplateDatabases.shared.drop(name)
    return result
}
