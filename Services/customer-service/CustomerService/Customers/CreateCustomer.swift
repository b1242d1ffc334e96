import AuditTrail
import HTTPService
import Postgres
import Shared

/// Makes a customer with addresses and groups, within a transaction.
enum CreateCustomer {
    /// - Throws: `Problem` `invalid-request`, `identity-taken`.
    /// - Returns: the customer as they are now.
    static func create(
        _ customer: NewCustomer,
        for context: OrgRequestContext,
        on connection: isolated PostgresConnection
    ) throws -> CustomerResource {
        let (id, orgID) = (CustomerID.new(), context.orgID)
        try CustomerIdentities.give(
            customer.identities,
            to: id,
            of: orgID,
            pointer: { "/identities/\($0)" },
            on: connection
        )
        let audit = AuditRecord(.created, .customer, id, by: context)
        try connection.pipeline(
            [CustomerStore.insert(customer.profile, id: id, of: orgID)] + CustomerStore.indexFields(of: id, orgID)
                + [AuditStore.insert(audit)]
        )
        try GroupStore.setGroups(named: customer.groups, of: id, orgID, on: connection)
        return try CustomerStore.resource(id, of: orgID, on: connection)
    }
}
