import AuditTrail
import HTTPService
import Postgres
import Shared

/// Makes two customers one: everything of the first becomes the second's, and the first's id leads to the second.
///
/// Of consents the later one counts, of the same time the stricter; of names, fields and the like the survivor's own.
struct MergeCustomers: Sendable {
    let postgres: PostgresPool

    /// Repeating it changes nothing.
    ///
    /// - Parameters:
    ///   - from: who is gone afterwards.
    ///   - target: who survives.
    ///   - context: who merges.
    /// - Throws: `Problem` `not-found`, `invalid-request` and `too-many-fields`.
    /// - Returns: the survivor.
    func callAsFunction(
        _ from: CustomerID,
        into target: CustomerID,
        for context: OrgRequestContext
    ) async throws -> CustomerResource {
        guard from != target else {
            throw Problem.invalidRequest([.init(pointer: "/from", detail: "must be another customer")])
        }
        let orgID = context.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let target = try CustomerStore.required(target, of: orgID, on: connection)
            guard let from = try CustomerStore.current(from, of: orgID, on: connection) else {
                throw Problem.invalidRequest([.init(pointer: "/from", detail: "is no customer of the organization")])
            }
            if from != target {
                let (first, second) = try Self.hold(target, from, of: orgID, on: connection)
                try Self.merge(
                    MergeStore(orgID: orgID, from: from, target: target),
                    second,
                    into: first,
                    on: connection
                )
                let detail: JSONValue = ["act": "merge", "from": .text(from)]
                try connection.query(AuditStore.insert(AuditRecord(.updated, .customer, target, by: context, detail)))
            }
            return try CustomerStore.resource(target, of: orgID, on: connection)
        }
    }

    /// Locks both, in the order of their ids, so that two merges never wait for each other.
    ///
    /// - Throws: `serializationFailure` when one of them was merged in this moment.
    private static func hold(
        _ target: CustomerID,
        _ from: CustomerID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> (CustomerProfile, CustomerProfile) {
        let rows = try connection.query(
            """
            SELECT * FROM customers WHERE org_id = \(orgID) AND id = ANY (\([target, from])::uuid[]) ORDER BY id FOR UPDATE
            """
        )
        var profiles: [CustomerID: CustomerProfile] = [:]
        for row in rows { profiles[try row.get("id")] = try CustomerProfile(row) }
        guard let first = profiles[target], let second = profiles[from] else {
            throw PostgresError.serializationFailure
        }
        return (first, second)
    }

    private static func merge(
        _ store: MergeStore,
        _ second: CustomerProfile,
        into first: CustomerProfile,
        on connection: isolated PostgresConnection
    ) throws {
        guard let profile = first.completed(by: second) else {
            throw Problem(
                code: "too-many-fields",
                status: 409,
                title: "The fields of both customers are too many for one: remove some of either.",
                detail: "A customer \(CustomerFields.rule)."
            )
        }
        try connection.pipeline(
            store.statements + [CustomerStore.update(profile, of: store.target, store.orgID)]
                + CustomerStore.indexFields(of: store.target, store.orgID)
        )
    }
}

extension CustomerProfile {
    /// With what only `other` knows; nil when the fields are too many together.
    fileprivate func completed(by other: Self) -> Self? {
        guard let fields = CustomerFields.merge(self.fields, into: other.fields) else { return nil }
        var merged = self
        if self.name == nil {
            (merged.name, merged.nameSeenAt, merged.nameEventKey) = (other.name, other.nameSeenAt, other.nameEventKey)
        }
        merged.firstName = self.firstName ?? other.firstName
        merged.timezone = self.timezone ?? other.timezone
        merged.language = self.language ?? other.language
        // Whoever is known is no guest.
        merged.isGuest = self.isGuest && other.isGuest
        merged.fields = fields
        return merged
    }
}
