import InternalAPI
import Shared

/// Passes on who wants no more marketing: to customer-service, which then stops it, and to the conversation's timeline.
///
/// Both know each event by its key.
struct PassOptOuts: PassEvents {
    /// What one call takes.
    static let limit = 1000

    let customers: any CustomerClient
    let conversations: any ConversationClient

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
                let customers = try await self.customers.receive(items)
                guard customers.count == items.count else { throw Problem.unavailable("customer-service") }
                let told = try await self.conversations.receive(
                    zip(items, customers).map { item, customer in item.conversationItem(of: customer.customerID) }
                )
                guard told.count == items.count else { throw Problem.unavailable("conversation-service") }
            }
        }
    }
}

extension CustomerAPI.Receive {
    /// The same for the timeline of the conversation in which the message was.
    fileprivate func conversationItem(of customerID: CustomerID) -> ConversationAPI.Receive {
        ConversationAPI.Receive(
            orgID: self.orgID,
            customerID: customerID,
            accountID: self.accountID,
            channel: self.channel,
            // An opt-out has one address.
            address: self.senders[0],
            eventKey: self.eventKey,
            keyword: nil,
            optOut: self.optOut,
            occurredAt: self.occurredAt
        )
    }
}
