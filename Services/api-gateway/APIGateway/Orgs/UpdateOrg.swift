import AuditTrail
import HTTPService
import Postgres
import Shared

/// Changes an organization; a suspension takes effect here at once, and in every other gateway within a second.
struct UpdateOrg: Sendable {
    let postgres: PostgresPool
    let keys: KeyDirectory
    let pushOrgs: [PushOrgs]

    /// - Throws: `Problem.notFound` for an id that no organization has, `precondition-failed`.
    func callAsFunction(
        _ change: OrgChange,
        of orgID: OrgID,
        if condition: Precondition,
        actor: String,
        requestID: String
    ) async throws -> OrgResource {
        let store = OrgStore(orgID: orgID)
        let (updated, isChanged) = try await self.postgres.transaction(for: [orgID]) { connection in
            guard let org = try store.lock(on: connection) else { throw Problem.notFound }
            try condition.check(org.json)
            let changed = try change.applied(to: org)
            let differences = changed.differences(from: org)
            guard !differences.isEmpty else { return (org, false) }
            let audit = AuditRecord(.updated, .org, orgID, of: orgID, by: actor, requestID: requestID, differences)
            try connection.query(AuditStore.insert(audit))
            return (try store.update(changed, on: connection), true)
        }
        self.keys.forget(orgID)
        if isChanged { await self.pushOrgs.atOnce(orgID) }
        return updated
    }
}
