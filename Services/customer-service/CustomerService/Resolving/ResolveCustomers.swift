import InternalAPI
import Postgres
import Shared

/// Finds the customer of each address, and makes those that are missing.
///
/// When all are known nothing is written.
struct ResolveCustomers: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order.
    func callAsFunction(_ items: [CustomerAPI.Resolve]) async throws -> [CustomerAPI.Resolved] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try Self.answers(to: items, on: connection)
        }
    }

    private static func answers(
        to items: [CustomerAPI.Resolve],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerAPI.Resolved] {
        let questions = Questions(items)
        var answers = [CustomerAPI.Resolved](repeating: .noSuchCustomer, count: items.count)
        let owners = try Self.owners(of: questions.addresses.map(\.key), on: connection)
        for (owner, (index, key)) in zip(owners, questions.addresses) {
            answers[index] = .found(owner, key.address)
        }
        let known = try ReachStore.firstAddresses(of: questions.customers.map(\.customer), on: connection)
        for (found, (index, customer)) in zip(known, questions.customers) {
            guard let found else { continue }
            answers[index] = customer.answer(found.id, found.addresses)
        }
        return answers
    }

    private static func owners(
        of keys: [IdentityKey],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerID] {
        var owners = try IdentityStore.owners(of: keys, on: connection)
        let missing = owners.indices.filter { owners[$0] == nil }
        let made = try IdentityStore.makeOwners(of: missing.map { keys[$0] }, on: connection)
        for (index, owner) in zip(missing, made) { owners[index] = owner }
        let found = owners.compactMap(\.self)
        // Another transaction made one of them and deleted it in the same moment: from the beginning.
        guard found.count == keys.count else { throw .serializationFailure }
        return found
    }
}

/// Items by what is asked, each with its place among them.
private struct Questions {
    private(set) var addresses: [(index: Int, key: IdentityKey)] = []
    private(set) var customers: [(index: Int, customer: WantedCustomer)] = []

    init(_ items: [CustomerAPI.Resolve]) {
        for (index, item) in items.enumerated() {
            switch item {
            case .address(let orgID, let address):
                self.addresses.append((index, IdentityKey(orgID: orgID, address: address)))
            case .customer(let orgID, let id, let kinds):
                self.customers.append((index, WantedCustomer(orgID: orgID, id: id, kinds: kinds)))
            }
        }
    }
}

extension WantedCustomer {
    /// `id` is another one than asked for after a merge.
    fileprivate func answer(_ id: CustomerID, _ addresses: [AddressKind: Address]) -> CustomerAPI.Resolved {
        for kind in self.kinds {
            if let address = addresses[kind] { return .found(id, address) }
        }
        return .noSuchAddress
    }
}
