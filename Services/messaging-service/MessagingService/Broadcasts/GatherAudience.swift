import InternalAPI
import Postgres
import Shared

/// Makes recipients of the customers that a broadcast's groups and filter mean when it starts, a page in a step.
struct GatherAudience: Sendable {
    let postgres: PostgresPool
    let ask: CreateBroadcast.AskAudience
    let replica: String

    /// - Throws: what customer-service throws: then it is tried again later.
    func callAsFunction(_ broadcast: StoredBroadcast) async throws {
        guard let audience = broadcast.audience else { return }
        let page = CustomerAPI.AudiencePage(
            orgID: broadcast.orgID,
            audience: audience,
            after: broadcast.gathered,
            limit: CustomerAPI.mostAudience
        )
        let customers = try await self.ask(page).customers
        try await self.postgres.transaction(for: [broadcast.orgID], lockTimeout: .seconds(5)) { connection in
            let held = try connection.query(BroadcastStore.hold(broadcast, by: self.replica)).first
            guard let held else { return }
            var current = try StoredBroadcast(held)
            let known = Set(
                try connection.query(RecipientStore.known(customers, among: current)).map { row in
                    try row.get("customer_id", as: CustomerID.self)
                }
            )
            let new = customers.filter { !known.contains($0) }
            if !new.isEmpty { try connection.query(RecipientStore.append(new, to: current)) }
            current.counts.recipients += new.count
            current.counts.duplicates += customers.count - new.count
            current.gathered = customers.last ?? current.gathered
            current.isGathered = customers.count < page.limit
            try connection.query(BroadcastStore.advance(current))
        }
    }
}
