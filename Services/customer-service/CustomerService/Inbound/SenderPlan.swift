import InternalAPI
import Shared

/// Whose an address is, and what they are called.
struct KnownSender: Sendable {
    enum Name: Sendable {
        case none
        /// From the organization: no message changes it.
        case given
        case profile(ProfileName)
    }

    let customerID: CustomerID
    let name: Name
}

/// What is to be written of messages, by what is known of their senders.
struct SenderPlan: Sendable {
    struct NewIdentity: Sendable {
        let key: IdentityKey
        let customerID: CustomerID
    }

    struct CustomerKey: Sendable, Hashable {
        let orgID: OrgID
        let id: CustomerID
    }

    /// Of each message, in their order.
    private(set) var customerIDs: [CustomerID] = []
    private(set) var newIdentities: [NewIdentity] = []
    private(set) var newCustomers: Set<CustomerKey> = []
    /// For customers who have no name, or one that they used later.
    private(set) var names: [CustomerKey: ProfileName] = [:]
    private(set) var changes: [ConsentChange] = []

    init(_ items: [CustomerAPI.Receive], known: [IdentityKey: KnownSender]) {
        var owners = known.mapValues(\.customerID)
        for item in items {
            let keys = item.senders.map { IdentityKey(orgID: item.orgID, address: $0) }
            let owner = item.lookedUp.lazy.compactMap { owners[$0] }.first
            let customer = CustomerKey(orgID: item.orgID, id: owner ?? .new())
            if owner == nil { self.newCustomers.insert(customer) }
            for key in keys where owners[key] == nil {
                owners[key] = customer.id
                self.newIdentities.append(NewIdentity(key: key, customerID: customer.id))
            }
            self.customerIDs.append(customer.id)
            self.suggest(item, for: customer)
            self.changes += Self.changes(by: item, of: customer.id)
        }
        let stored = Dictionary(
            known.map { (CustomerKey(orgID: $0.key.orgID, id: $0.value.customerID), $0.value.name) },
            uniquingKeysWith: { first, _ in first }
        )
        self.names = self.names.filter { customer, name in
            switch stored[customer] {
            case nil, .some(.none): true
            case .given: false
            case .profile(let stored): name.precedes(stored)
            }
        }
    }

    /// The customers who were there before, and of whom something is written.
    var changedCustomers: Set<CustomerKey> {
        Set(self.newIdentities.map { CustomerKey(orgID: $0.key.orgID, id: $0.customerID) })
            .union(self.changes.map { CustomerKey(orgID: $0.orgID, id: $0.customerID) })
            .union(self.names.keys)
            .subtracting(self.newCustomers)
    }

    private mutating func suggest(_ item: CustomerAPI.Receive, for customer: CustomerKey) {
        guard let name = ProfileName(item.profileName, seenAt: item.occurredAt, eventKey: item.eventKey) else { return }
        if let earlier = self.names[customer], !name.precedes(earlier) { return }
        self.names[customer] = name
    }

    /// STOP and START are meant for all messages of a channel, a link or a complaint for marketing alone.
    private static func changes(by item: CustomerAPI.Receive, of customerID: CustomerID) -> [ConsentChange] {
        if let optOut = item.optOut {
            return [
                ConsentChange(
                    orgID: item.orgID,
                    customerID: customerID,
                    channel: item.channel,
                    purpose: .marketing,
                    status: .optedOut,
                    source: optOut.source.rawValue,
                    proof: optOut.messageID?.description,
                    at: item.occurredAt,
                    eventKey: item.eventKey,
                    accountID: item.accountID
                )
            ]
        }
        let status: ConsentStatus
        switch item.keyword {
        case .stop: status = .optedOut
        case .start: status = .optedIn
        case .help, nil: return []
        }
        return ConsentPurpose.allCases.map { purpose in
            ConsentChange(
                orgID: item.orgID,
                customerID: customerID,
                channel: item.channel,
                purpose: purpose,
                status: status,
                source: "keyword",
                proof: nil,
                at: item.occurredAt,
                eventKey: item.eventKey,
                accountID: item.accountID
            )
        }
    }
}

extension CustomerAPI.Receive {
    /// All that the sender may be known by: what the provider told, and then other spellings of it, which nobody is given.
    var lookedUp: [IdentityKey] {
        let others = self.senders.lazy.filter { self.channel == .whatsapp && $0.kind == .phone }
            .compactMap { WhatsAppSpelling.other(of: $0.value) }.map { Address(kind: .phone, value: $0) }
        return (self.senders + others).map { IdentityKey(orgID: self.orgID, address: $0) }
    }
}
