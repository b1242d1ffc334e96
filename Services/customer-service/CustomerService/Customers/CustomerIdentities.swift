import Postgres
import Shared

/// Gives addresses to customers, and takes them away.
enum CustomerIdentities {
    /// Gives `addresses` to a customer who may have some of them already.
    ///
    /// - Parameters:
    ///   - addresses: none twice.
    ///   - id: the customer, who exists.
    ///   - orgID: whose customer it is.
    ///   - pointer: of an address in the request, by its place.
    ///   - connection: in a transaction.
    /// - Throws: `Problem` `identity-taken` with every address that another customer has.
    static func give(
        _ addresses: [Address],
        to id: CustomerID,
        of orgID: OrgID,
        pointer: (Int) -> String,
        on connection: isolated PostgresConnection
    ) throws {
        guard !addresses.isEmpty else { return }
        let identities = addresses.map { address in
            SenderPlan.NewIdentity(key: IdentityKey(orgID: orgID, address: address), customerID: id)
        }
        let taken = try SenderStore.take(identities, on: connection)
        guard taken.count < addresses.count else { return }
        let owners = try IdentityStore.owners(of: identities.map(\.key), on: connection)
        let violations = owners.enumerated().compactMap { index, owner -> Problem.Violation? in
            guard let owner, owner != id else { return nil }
            return Problem.Violation(pointer: pointer(index), detail: "belongs to the customer \(owner)")
        }
        guard violations.isEmpty else { throw Problem.identityTaken(violations) }
        // Whoever had it a moment ago has given it up: from the beginning.
        guard !owners.contains(nil) else { throw PostgresError.serializationFailure }
    }

    /// - Returns: whether the customer had it.
    static func remove(
        _ address: Address,
        from id: CustomerID,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Bool {
        try !connection.query(
            """
            DELETE FROM identities
             WHERE org_id = \(orgID) AND value = \(address.value) AND kind = \(address.kind) AND customer_id = \(id)
            RETURNING customer_id
            """
        ).isEmpty
    }

    static func count(
        of id: CustomerID,
        _ orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Int {
        try connection.query(
            "SELECT count(*) AS count FROM identities WHERE org_id = \(orgID) AND customer_id = \(id)"
        )[0].get("count")
    }
}

extension Problem {
    static func identityTaken(_ violations: [Violation]) -> Problem {
        Problem(
            code: "identity-taken",
            status: 409,
            title: "Another customer has this address: use that one, or merge the two.",
            detail: violations.first.map { "\($0.pointer) \($0.detail)." },
            violations: violations
        )
    }
}
