import AuditTrail
import Postgres
import Shared

/// Makes an organization.
struct CreateOrg: Sendable {
    enum Failure: Error, Equatable {
        case slugTaken
    }

    /// Tries of a derived slug: with four random characters a second collision is already one in a million.
    private static let tries = 5

    let postgres: PostgresPool
    let pushOrgs: [PushOrgs]

    func callAsFunction(_ org: NewOrg, actor: String, requestID: String) async throws -> OrgResource {
        let resource = try await self.make(org, actor, requestID)
        await self.pushOrgs.atOnce(resource.id)
        return resource
    }

    private func make(_ org: NewOrg, _ actor: String, _ requestID: String) async throws -> OrgResource {
        if let slug = org.slug { return try await self.insert(org, slug, actor, requestID) }
        let derived = Slug(from: org.name)
        var slug = derived
        for _ in 1..<Self.tries {
            do {
                return try await self.insert(org, slug, actor, requestID)
            } catch Failure.slugTaken {
                slug = derived.varied()
            }
        }
        return try await self.insert(org, slug, actor, requestID)
    }

    private func insert(_ org: NewOrg, _ slug: Slug, _ actor: String, _ requestID: String) async throws -> OrgResource {
        let id = OrgID.new()
        let audit = AuditRecord(
            .created,
            .org,
            id,
            of: id,
            by: actor,
            requestID: requestID,
            ["name": .string(org.name), "slug": .string(slug.text), "sandbox": .bool(org.isSandbox)]
        )
        do {
            return try await self.postgres.transaction(for: [id]) { connection in
                let resource = try OrgStore(orgID: id).insert(org, slug: slug, on: connection)
                try connection.query(AuditStore.insert(audit))
                return resource
            }
        } catch PostgresError.uniqueViolation(constraint: "slug_taken") {
            throw Failure.slugTaken
        }
    }
}
