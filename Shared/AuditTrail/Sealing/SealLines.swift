package import Postgres
package import Shared

/// Adds a link to an organization's chain, over the lines that no seal has yet.
///
/// A line and the note that it waits are written in one transaction, so none is missed, however late that commits; and of two
/// replicas that make the same link only one can commit it.
package struct SealLines: Sendable {
    private let postgres: PostgresPool

    package init(postgres: PostgresPool) {
        self.postgres = postgres
    }

    /// - Returns: whether there may be more to seal.
    @discardableResult
    package func callAsFunction(of orgID: OrgID) async throws -> Bool {
        do {
            return try await self.postgres.transaction(for: [orgID]) { connection in
                let rows = try connection.pipeline([
                    SealStore.tryLock(orgID), SealStore.now, SealStore.head(of: orgID), SealStore.lines(of: orgID),
                ])
                guard try rows[0][0].get("is_held"), !rows[3].isEmpty else { return false }
                let seal = AuditSeal(
                    try rows[3].map { try AuditLine($0) },
                    of: orgID,
                    after: try rows[2].first.map { try AuditSeal.Head($0) } ?? .none,
                    at: try rows[1][0].get("now")
                )
                try connection.pipeline(SealStore.insert(seal))
                return seal.entries.count == AuditSeal.mostLines
            }
        } catch PostgresError.uniqueViolation(constraint: "audit_seal_number") {
            // Another replica made it.
            return false
        }
    }
}
