import InternalAPI
import Shared

/// Passes on to customer-service who wants no more marketing; it knows each event by its key.
struct PassOptOuts: PassEvents {
    /// What one call takes.
    static let limit = 1000

    let customers: any CustomerClient

    func callAsFunction(_ events: [ClaimedEvent]) async -> [PassVerdict] {
        await decoded(events, as: OptOut.self) { events in
            let items = events.map { event, optOut in
                CustomerAPI.Receive(
                    orgID: event.orgID,
                    accountID: event.accountID,
                    eventKey: event.key,
                    channel: optOut.channel,
                    senders: [optOut.address],
                    profileName: nil,
                    keyword: nil,
                    optOut: optOut,
                    // Never after it arrived, whatever the provider's clock says.
                    occurredAt: min(optOut.occurredAt ?? event.arrivedAt, event.arrivedAt)
                )
            }
            return await passOn(items, atMost: Self.limit) { items in
                let received = try await self.customers.receive(items)
                guard received.count == items.count else { throw Problem.unavailable("customer-service") }
            }
        }
    }
}
