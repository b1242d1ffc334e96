import AuditTrail
import HTTPService
import Postgres
import Shared

/// Makes or changes many customers within a transaction, each found by any of its addresses.
///
/// What a customer of the batch does not name stays. Whoever has all of it already is not written at all, so the same batch
/// again changes nothing.
enum UpsertCustomers {
    /// - Returns: a result for each of `customers`, in their order.
    static func upsert(
        _ customers: [BatchCustomer],
        for context: OrgRequestContext,
        on connection: isolated PostgresConnection
    ) throws -> [Result<UpsertPlan.Upserted, Problem>] {
        guard !customers.isEmpty else { return [] }
        let orgID = context.orgID
        let keys = Array(
            Set(customers.flatMap { $0.identities.map { IdentityKey(orgID: orgID, address: $0.address) } })
        )
        let owners = try SenderStore.known(keys, on: connection).mapValues(\.customerID)
        let ids = Set(owners.values)
        var plan = UpsertPlan(
            orgID: orgID,
            owners: owners,
            customers: try UpsertStore.lock(ids, of: orgID, on: connection),
            stated: try UpsertStore.stated(of: ids, orgID, on: connection)
        )
        // From here on nobody takes an address from them, or gives them one.
        guard try ids.isEmpty || SenderStore.known(keys, on: connection).mapValues(\.customerID) == owners else {
            throw PostgresError.serializationFailure
        }
        let now = Timestamp.now
        for customer in customers { plan.take(customer, now: now) }
        try self.save(plan, for: context, on: connection)
        return plan.results
    }

    private static func save(
        _ plan: UpsertPlan,
        for context: OrgRequestContext,
        on connection: isolated PostgresConnection
    ) throws {
        let orgID = context.orgID
        guard try SenderStore.take(plan.newIdentities, on: connection).count == plan.newIdentities.count else {
            throw PostgresError.serializationFailure
        }
        let all = plan.customers.sorted { $0.key < $1.key }
        let new = all.filter { $0.value.before == nil }
        let edited = all.filter(\.value.isEdited)
        let refielded = all.filter(\.value.hasOtherFields)
        var statements: [SQL] = []
        if !new.isEmpty { statements.append(UpsertStore.insert(new.map { ($0.key, $0.value.profile) }, of: orgID)) }
        if !edited.isEmpty {
            statements.append(UpsertStore.update(edited.map { ($0.key, $0.value.profile) }, of: orgID))
        }
        if !refielded.isEmpty { statements += UpsertStore.indexFields(of: refielded.map(\.key), orgID) }
        if !plan.changes.isEmpty { statements.append(ConsentStore.record(plan.changes)) }
        if !statements.isEmpty { try connection.pipeline(statements) }
        let joined = try UpsertStore.join(plan.memberships, of: orgID, on: connection)
        let records = all.compactMap { id, known -> AuditRecord? in
            if known.before == nil { return AuditRecord(.created, .customer, id, by: context, ["act": "batch"]) }
            guard known.isExtended || known.isEdited || joined.contains(id) else { return nil }
            return AuditRecord(.updated, .customer, id, by: context, ["act": "batch"])
        }
        if !records.isEmpty { try connection.query(AuditStore.insert(records)) }
    }
}
