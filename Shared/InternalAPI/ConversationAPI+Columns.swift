import Shared

/// How the large calls to conversation-service are written: see `Columns`.
extension ConversationAPI.ResolveRequest: Codable {
    private struct Columns: Codable {
        let orgs: RunColumn<OrgID>
        let customers: IDColumn<Customer>
        let accounts: RunColumn<AccountID>
        let channels: RunColumn<Channel>
        let addresses: AddressColumn
    }

    package init(from decoder: any Decoder) throws {
        let columns = try Columns(from: decoder)
        let customers = try columns.customers.present
        let orgs = try columns.orgs.values(customers.count)
        let accounts = try columns.accounts.values(customers.count)
        let channels = try columns.channels.values(customers.count)
        let addresses = try columns.addresses.addresses(customers.count)
        self.init(
            items: customers.indices.map { index in
                ConversationAPI.Resolve(
                    orgID: orgs[index],
                    customerID: customers[index],
                    accountID: accounts[index],
                    channel: channels[index],
                    address: addresses[index]
                )
            }
        )
    }

    package func encode(to encoder: any Encoder) throws {
        let columns = Columns(
            orgs: RunColumn(self.items.lazy.map(\.orgID)),
            customers: IDColumn(self.items.map(\.customerID)),
            accounts: RunColumn(self.items.lazy.map(\.accountID)),
            channels: RunColumn(self.items.lazy.map(\.channel)),
            addresses: AddressColumn(self.items.map(\.address))
        )
        try columns.encode(to: encoder)
    }
}

extension ConversationAPI.ResolveAnswer: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(items: try IDColumn<Conversation>(from: decoder).present)
    }

    package func encode(to encoder: any Encoder) throws {
        try IDColumn<Conversation>(self.items).encode(to: encoder)
    }
}
