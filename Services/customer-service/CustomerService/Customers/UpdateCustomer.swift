import AuditTrail
import HTTPService
import Postgres
import Shared

/// Changes what an organization knows of a customer.
struct UpdateCustomer: Sendable {
    let postgres: PostgresPool

    /// Fields change one by one; groups are replaced all together; `null` removes.
    ///
    /// - Throws: `Problem` `not-found`, `invalid-request`.
    func callAsFunction(
        _ body: JSONValue,
        of id: CustomerID,
        for context: OrgRequestContext
    ) async throws -> CustomerResource {
        let orgID = context.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, lock: .change, on: connection)
            var fields = JSONFields(body, at: "")
            var profile = try CustomerStore.profile(of: id, orgID, on: connection)
            profile.take(&fields)
            let groups = fields.isPresent("groups") ? GroupName.read(&fields) ?? [] : nil
            try fields.finish()
            let names = (body.object?.names ?? []).map { JSONValue.string($0) }
            let audit = AuditRecord(.updated, .customer, id, by: context, ["act": "edit", "changed": .array(names)])
            try connection.pipeline(
                [CustomerStore.update(profile, of: id, orgID)] + CustomerStore.indexFields(of: id, orgID)
                    + [AuditStore.insert(audit)]
            )
            if let groups { try GroupStore.setGroups(named: groups, of: id, orgID, on: connection) }
            return try CustomerStore.resource(id, of: orgID, on: connection)
        }
    }
}
