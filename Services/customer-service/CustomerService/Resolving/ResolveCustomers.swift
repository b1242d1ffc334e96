import InternalAPI
import Postgres
import Shared

/// Finds the customer of each address, makes those that are missing, and says whether they want what is to be sent.
///
/// When all are known nothing is written.
struct ResolveCustomers: Sendable {
    let postgres: PostgresPool
    let checkPolicy: CheckPolicy

    /// Answers each of `questions`, of any organizations, in their order.
    func callAsFunction(_ questions: [CustomerAPI.Question]) async throws -> [CustomerAPI.Answer] {
        guard !questions.isEmpty else { return [] }
        return try await self.postgres.answers(to: questions, orgID: \.recipient.orgID) { questions, connection in
            let found = try Self.answers(to: questions.map(\.recipient), on: connection)
            let verdicts = try self.verdicts(on: zip(questions, found), on: connection)
            return zip(found, verdicts).map { .init($0, verdict: $1) }
        }
    }

    private func verdicts(
        on found: Zip2Sequence<[CustomerAPI.Question], [CustomerAPI.Resolved]>,
        on connection: isolated PostgresConnection
    ) throws -> [CustomerAPI.PolicyVerdict?] {
        let checks = found.map { question, resolved in question.check(of: resolved) }
        var verdicts = try self.checkPolicy.verdicts(of: checks.compactMap(\.self), on: connection)[...]
        return checks.map { $0 == nil ? nil : verdicts.popFirst() }
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

extension CustomerAPI.Question {
    fileprivate func check(of resolved: CustomerAPI.Resolved) -> CustomerAPI.PolicyCheck? {
        guard let message, case .found(let id, let address) = resolved else { return nil }
        return CustomerAPI.PolicyCheck(
            orgID: self.recipient.orgID,
            messageID: .new(),
            customerID: id,
            address: address,
            channel: message.channel,
            category: message.category,
            stage: .creation,
            rules: message.rules,
            at: .now
        )
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
