package import Postgres
package import Shared

/// Finds keys and organizations for every request, at most a second old: the busiest key costs two queries a second.
package struct KeyDirectory: Sendable {
    private let keys: ShortCache<APIKeyID, KeyRecord?>
    private let orgs: ShortCache<OrgID, OrgState?>

    package init(postgres: PostgresPool, time: GatewayTime) {
        self.init(
            time: time,
            readKey: { id in
                guard let orgID = try await postgres.run({ try KeyStore.owner(of: id, on: $0) }) else { return nil }
                return try await postgres.transaction(for: [orgID]) { try KeyStore(orgID: orgID).find(id, on: $0) }
            },
            readOrg: { id in
                try await postgres.transaction(for: [id]) { try OrgStore(orgID: id).state(on: $0) }
            }
        )
    }

    /// Over other sources than a database, for tests.
    package init(
        time: GatewayTime,
        readKey: @escaping @Sendable (APIKeyID) async throws -> KeyRecord?,
        readOrg: @escaping @Sendable (OrgID) async throws -> OrgState?
    ) {
        self.keys = ShortCache(instant: time.instant, read: readKey)
        self.orgs = ShortCache(instant: time.instant, read: readOrg)
    }

    func key(_ id: APIKeyID) async throws -> KeyRecord? { try await self.keys.value(of: id) }

    func org(_ id: OrgID) async throws -> OrgState? { try await self.orgs.value(of: id) }

    func forget(_ id: APIKeyID) {
        self.keys.forget { key, _ in key == id }
    }

    /// Forgets an organization's state, which its keys carry too.
    func forget(_ id: OrgID) {
        self.orgs.forget { org, _ in org == id }
        self.keys.forget { _, key in key.flatMap { $0 }.map { $0.orgID == id } ?? true }
    }
}
