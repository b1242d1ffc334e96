import AuditTrail
import HTTPService
import Idempotency
import Postgres
import Shared

/// Makes an organization.
struct CreateOrg: Sendable {
    enum Failure: Error, Equatable {
        case slugTaken
        /// One that was made of the name, so that another can be.
        case derivedSlugTaken
    }

    /// Tries of a derived slug: with four random characters a second collision is already one in a million.
    private static let tries = 5

    /// Whose the idempotency keys are that organizations are made with.
    private static let nobody = OrgID.first(at: Timestamp(microseconds: 0))

    let createOnce: CreateOnce
    let pushOrgs: [PushOrgs]

    /// - Throws: `Failure`; `Problem` 409 `idempotency-key-in-use`, 422 `idempotency-key-reused`, `invalid-request`.
    func callAsFunction(_ asked: CreateOnce.Asked, actor: String, requestID: String) async throws -> RawJSON {
        for number in 1..<Self.tries {
            do {
                return try await self.make(asked, isVaried: number > 1, actor, requestID)
            } catch Failure.derivedSlugTaken {
                continue
            }
        }
        return try await self.make(asked, isVaried: true, actor, requestID)
    }

    private func make(
        _ asked: CreateOnce.Asked,
        isVaried: Bool,
        _ actor: String,
        _ requestID: String
    ) async throws -> RawJSON {
        let id = OrgID.new()
        let outcome = try await self.createOnce("orgs.create", asked, of: Self.nobody, with: [id]) { body, connection in
            let org = try NewOrg(body)
            let derived = Slug(from: org.name)
            let slug = org.slug ?? (isVaried ? derived.varied() : derived)
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
                let resource = try OrgStore(orgID: id).insert(org, slug: slug, on: connection)
                try connection.query(AuditStore.insert(audit))
                return .init(json: resource.json, location: "/api/v1/orgs/\(id)")
            } catch PostgresError.uniqueViolation(constraint: "slug_taken") {
                throw org.slug == nil ? Failure.derivedSlugTaken : Failure.slugTaken
            }
        }
        if !outcome.isReplay { await self.pushOrgs.atOnce(id) }
        return outcome.answer
    }
}
