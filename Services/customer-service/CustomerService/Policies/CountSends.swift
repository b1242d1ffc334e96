import InternalAPI
import Postgres
import Shared

/// Reads what a recipient was sent within a window.
struct CountSends: Sendable {
    let postgres: PostgresPool

    /// - Returns: nil for a customer whom the organization does not have.
    func callAsFunction(_ query: CustomerAPI.SendsQuery) async throws -> CustomerAPI.Sends? {
        let orgID = query.orgID
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let id: CustomerID?
            switch query.recipient {
            case .customer(let asked):
                guard let found = try CustomerStore.current(asked, of: orgID, on: connection) else { return nil }
                id = found
            case .address(let address):
                id = try IdentityStore.owners(of: [IdentityKey(orgID: orgID, address: address)], on: connection)[0]
            }
            guard let id else { return .init(customerID: nil, count: 0, oldest: nil, blocking: nil) }
            return try SendStore.sends(of: id, orgID, since: query.since, cap: query.cap, on: connection)
        }
    }
}
