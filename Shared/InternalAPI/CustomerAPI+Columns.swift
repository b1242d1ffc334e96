import Shared

/// How the large calls to customer-service are written: see `Columns`.
extension CustomerAPI.ResolveRequest: Codable {
    private struct Columns: Codable {
        let orgs: RunColumn<OrgID>
        /// None where the address is given.
        let customers: IDColumn<Customer>
        /// Of an address its own.
        let kinds: RunColumn<[AddressKind]>
        /// Empty where the customer is given.
        let addresses: [String]
        /// Nil where no message is to be judged.
        let messages: RunColumn<CustomerAPI.MessageKind?>?
    }

    package init(from decoder: any Decoder) throws {
        let columns = try Columns(from: decoder)
        let customers = columns.customers.ids
        let orgs = try columns.orgs.values(customers.count)
        let kinds = try columns.kinds.values(customers.count)
        let messages = try columns.messages?.values(customers.count)
        guard columns.addresses.count == customers.count else { throw DecodingError.misfit }
        self.init(
            questions: try customers.indices.map { index in
                let message = messages?[index]
                if let id = customers[index] {
                    return .init(.customer(orgID: orgs[index], id: id, kinds: kinds[index]), message: message)
                }
                guard let kind = kinds[index].first else { throw DecodingError.misfit }
                let address = Address(kind: kind, value: columns.addresses[index])
                return .init(.address(orgID: orgs[index], address), message: message)
            }
        )
    }

    package func encode(to encoder: any Encoder) throws {
        let items = self.questions.map(\.recipient)
        let isJudged = self.questions.contains { $0.message != nil }
        let columns = Columns(
            orgs: RunColumn(items.lazy.map(\.orgID)),
            customers: IDColumn(items.map { if case .customer(_, let id, _) = $0 { id } else { nil } }),
            kinds: RunColumn(
                items.lazy.map { item in
                    switch item {
                    case .address(_, let address): [address.kind]
                    case .customer(_, _, let kinds): kinds
                    }
                }
            ),
            addresses: items.map { if case .address(_, let address) = $0 { address.value } else { "" } },
            messages: isJudged ? RunColumn(self.questions.lazy.map(\.message)) : nil
        )
        try columns.encode(to: encoder)
    }
}

extension CustomerAPI.ResolveAnswer: Codable {
    private enum Missing: String, Codable {
        case nothing
        case customer
        case address
    }

    private struct Columns: Codable {
        let missing: RunColumn<Missing>
        /// None where something is missing.
        let customers: IDColumn<Customer>
        /// Of those that are there, in their order.
        let addresses: AddressColumn
        /// Nil where nothing was judged.
        let verdicts: RunColumn<CustomerAPI.PolicyVerdict?>?
    }

    package init(from decoder: any Decoder) throws {
        let columns = try Columns(from: decoder)
        let customers = columns.customers.ids
        let missing = try columns.missing.values(customers.count)
        var addresses = try columns.addresses.addresses(customers.count { $0 != nil }).makeIterator()
        let verdicts = try columns.verdicts?.values(customers.count)
        self.init(
            answers: try customers.indices.map { index in
                switch missing[index] {
                case .customer: return .init(.noSuchCustomer)
                case .address: return .init(.noSuchAddress)
                case .nothing:
                    guard let id = customers[index], let address = addresses.next() else { throw DecodingError.misfit }
                    return .init(.found(id, address), verdict: verdicts?[index])
                }
            }
        )
    }

    package func encode(to encoder: any Encoder) throws {
        let items = self.answers.map(\.resolved)
        let columns = Columns(
            missing: RunColumn(
                items.lazy.map { item in
                    switch item {
                    case .found: .nothing
                    case .noSuchCustomer: .customer
                    case .noSuchAddress: .address
                    }
                }
            ),
            customers: IDColumn(items.map { if case .found(let id, _) = $0 { id } else { nil } }),
            addresses: AddressColumn(items.compactMap { if case .found(_, let address) = $0 { address } else { nil } }),
            verdicts: self.answers.contains { $0.verdict != nil } ? RunColumn(self.answers.lazy.map(\.verdict)) : nil
        )
        try columns.encode(to: encoder)
    }
}

extension CustomerAPI.PolicyRequest: Codable {
    /// What is the same for all messages of a broadcast.
    private struct Kind: Codable, Equatable, Sendable {
        let orgID: OrgID
        let channel: Channel
        let category: Category
        let stage: CustomerAPI.PolicyCheck.Stage
        let rules: SendingRules
    }

    private struct Columns: Codable {
        let kinds: RunColumn<Kind>
        let messages: IDColumn<Message>
        let customers: IDColumn<Customer>
        let addresses: AddressColumn
        /// Microseconds since 1970.
        let times: [Int64]
    }

    package init(from decoder: any Decoder) throws {
        let columns = try Columns(from: decoder)
        let messages = try columns.messages.present
        let kinds = try columns.kinds.values(messages.count)
        let addresses = try columns.addresses.addresses(messages.count)
        let customers = columns.customers.ids
        guard customers.count == messages.count, columns.times.count == messages.count else {
            throw DecodingError.misfit
        }
        self.init(
            items: messages.indices.map { index in
                CustomerAPI.PolicyCheck(
                    orgID: kinds[index].orgID,
                    messageID: messages[index],
                    customerID: customers[index],
                    address: addresses[index],
                    channel: kinds[index].channel,
                    category: kinds[index].category,
                    stage: kinds[index].stage,
                    rules: kinds[index].rules,
                    at: Timestamp(microseconds: columns.times[index])
                )
            }
        )
    }

    package func encode(to encoder: any Encoder) throws {
        let columns = Columns(
            kinds: RunColumn(
                self.items.lazy.map { item in
                    Kind(
                        orgID: item.orgID,
                        channel: item.channel,
                        category: item.category,
                        stage: item.stage,
                        rules: item.rules
                    )
                }
            ),
            messages: IDColumn(self.items.map(\.messageID)),
            customers: IDColumn(self.items.map(\.customerID)),
            addresses: AddressColumn(self.items.map(\.address)),
            times: self.items.map(\.at.microseconds)
        )
        try columns.encode(to: encoder)
    }
}

extension CustomerAPI.PolicyAnswer: Codable {
    private struct Columns: Codable {
        let count: Int
        let verdicts: RunColumn<CustomerAPI.PolicyVerdict>
    }

    package init(from decoder: any Decoder) throws {
        let columns = try Columns(from: decoder)
        guard columns.count <= CustomerAPI.mostPolicyItems else { throw DecodingError.misfit }
        self.init(items: try columns.verdicts.values(columns.count))
    }

    package func encode(to encoder: any Encoder) throws {
        try Columns(count: self.items.count, verdicts: RunColumn(self.items)).encode(to: encoder)
    }
}
