import AuditTrail
import HTTPService
import Postgres
import Shared

/// Changes what an organization knows of a customer.
struct UpdateCustomer: Sendable {
    let postgres: PostgresPool

    /// Fields change one by one; groups are replaced all together; `null` removes.
    ///
    /// - Throws: `Problem` `not-found`, `precondition-failed`, `invalid-request`.
    func callAsFunction(
        _ body: JSONValue,
        of id: CustomerID,
        if condition: Precondition,
        for context: OrgRequestContext
    ) async throws -> CustomerResource {
        let orgID = context.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let id = try CustomerStore.required(id, of: orgID, lock: .change, on: connection)
            try condition.check(try CustomerStore.resource(id, of: orgID, on: connection).json)
            var fields = JSONFields(body, at: "")
            let before = try CustomerStore.profile(of: id, orgID, on: connection)
            var profile = before
            profile.take(&fields)
            let groups = fields.isPresent("groups") ? GroupName.read(&fields) ?? [] : nil
            try fields.finish()
            let names = (body.object?.names ?? []).map { JSONValue.string($0) }
            let detail: JSONValue = .object(
                members: [("act", "edit"), ("changed", .array(names))] + profile.differences(from: before)
            )
            let audit = AuditRecord(.updated, .customer, id, by: context, detail)
            try connection.pipeline(
                [CustomerStore.update(profile, of: id, orgID)] + CustomerStore.indexFields(of: id, orgID)
                    + [AuditStore.insert(audit)]
            )
            if let groups { try GroupStore.setGroups(named: groups, of: id, orgID, on: connection) }
            return try CustomerStore.resource(id, of: orgID, on: connection)
        }
    }
}

extension CustomerProfile {
    /// What the trail shows of a change, as `{"from", "to"}`: never names and fields, and the rest until they are erased.
    fileprivate func differences(from before: CustomerProfile) -> [(String, JSONValue)] {
        let values: [(String, JSONValue, JSONValue)] = [
            ("timezone", .text(before.timezone), .text(self.timezone)),
            ("language", .text(before.language), .text(self.language)),
            ("guest", .bool(before.isGuest), .bool(self.isGuest)),
        ]
        return values.compactMap { name, from, to in from == to ? nil : (name, ["from": from, "to": to]) }
    }
}
