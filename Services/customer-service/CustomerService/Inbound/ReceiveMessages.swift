import InternalAPI
import Postgres
import Shared

/// Finds who sent messages, makes those who are not known, and records what their keywords say.
///
/// Of messages from known customers with names, and without keywords, it reads once and writes nothing. Repeating changes
/// nothing, and the order of messages does not matter, as long as those of one person share an address.
struct ReceiveMessages: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order.
    func callAsFunction(_ items: [CustomerAPI.Receive]) async throws -> [CustomerAPI.Received] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try Self.answers(to: items, on: connection)
        }
    }

    /// Answers `items` within one transaction.
    ///
    /// An address that another transaction takes in the same moment is waited for; then it is decided again whose the others
    /// are, which this one has taken.
    static func answers(
        to items: [CustomerAPI.Receive],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerAPI.Received] {
        let keys = Array(Set(items.flatMap(\.lookedUp)))
        var plan = SenderPlan(items, known: try SenderStore.known(keys, on: connection))
        let taken = try SenderStore.take(plan.newIdentities, on: connection)
        if taken.count < plan.newIdentities.count {
            let known = try SenderStore.known(keys, on: connection).filter { !taken.contains($0.key) }
            plan = SenderPlan(items, known: known)
            try SenderStore.assign(plan.newIdentities, on: connection)
        }
        try SenderStore.save(plan, on: connection)
        return plan.customerIDs.map { CustomerAPI.Received(customerID: $0) }
    }
}
