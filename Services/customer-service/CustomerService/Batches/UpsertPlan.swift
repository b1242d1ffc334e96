import Shared

/// What is to be written of a batch, by what is known of its customers; pure.
struct UpsertPlan: Sendable {
    /// What became of one customer of the batch.
    struct Upserted: Sendable {
        let id: CustomerID
        let isNew: Bool
        /// Opt-ins that were not recorded, because the customer has opted out.
        let kept: [ConsentKey]
    }

    struct ConsentKey: Sendable, Hashable {
        let customerID: CustomerID
        let channel: Channel
        let purpose: ConsentPurpose
    }

    struct StatedConsent: Sendable, Equatable {
        let status: ConsentStatus
        let source: String
        let proof: String?
        let at: Timestamp
    }

    /// A customer before the batch, and as far as it has been read.
    struct Known: Sendable {
        /// Nil for whom the batch makes.
        let before: CustomerProfile?
        var profile: CustomerProfile
        var identities: Int
        /// Whether there are addresses or consents that were not there before.
        var isExtended = false

        var isEdited: Bool { self.before.map { before in before != self.profile } ?? false }
        var hasOtherFields: Bool { self.profile.fields != self.before?.fields ?? JSONObject() }
    }

    struct Membership: Sendable, Hashable {
        let customerID: CustomerID
        let group: String
    }

    let orgID: OrgID
    private(set) var owners: [IdentityKey: CustomerID]
    private(set) var customers: [CustomerID: Known]
    private(set) var stated: [ConsentKey: StatedConsent]
    /// Of each customer of the batch, in their order.
    private(set) var results: [Result<Upserted, Problem>] = []
    private(set) var newIdentities: [SenderPlan.NewIdentity] = []
    private(set) var memberships: Set<Membership> = []
    private(set) var changes: [ConsentChange] = []

    init(
        orgID: OrgID,
        owners: [IdentityKey: CustomerID],
        customers: [CustomerID: Known],
        stated: [ConsentKey: StatedConsent]
    ) {
        self.orgID = orgID
        self.owners = owners
        self.customers = customers
        self.stated = stated
    }

    /// Reads the next customer of the batch: what an earlier one said counts for it.
    mutating func take(_ customer: BatchCustomer, now: Timestamp) {
        do throws(Problem) {
            self.results.append(.success(try self.upsert(customer, now: now)))
        } catch {
            self.results.append(.failure(error))
        }
    }

    private mutating func upsert(_ customer: BatchCustomer, now: Timestamp) throws(Problem) -> Upserted {
        let keys = customer.identities.map { IdentityKey(orgID: self.orgID, address: $0.address) }
        let owner = keys.compactMap { self.owners[$0] }.first
        try self.refuseOthers(than: owner, of: customer, keys)
        let id = owner ?? .new()
        var known = self.customers[id] ?? Known(before: nil, profile: CustomerProfile(), identities: 0)
        var fields = JSONFields(customer.body, at: customer.pointer)
        known.profile.take(&fields)
        guard fields.violations.isEmpty else { throw .invalidRequest(fields.violations) }
        let new = keys.filter { self.owners[$0] == nil }
        known.identities += new.count
        guard known.identities <= NewCustomer.mostIdentities else {
            throw .invalidRequest([
                .init(
                    pointer: "\(customer.pointer)/identities",
                    detail: "would be too many: a customer has at most \(NewCustomer.mostIdentities) identities"
                )
            ])
        }
        for key in new {
            self.owners[key] = id
            self.newIdentities.append(.init(key: key, customerID: id))
        }
        for group in customer.groups { self.memberships.insert(Membership(customerID: id, group: group)) }
        let changesBefore = self.changes.count
        let kept = self.state(customer.consents, of: id, now: now)
        if !new.isEmpty || self.changes.count > changesBefore { known.isExtended = true }
        self.customers[id] = known
        return Upserted(id: id, isNew: owner == nil, kept: kept)
    }

    private func refuseOthers(
        than owner: CustomerID?,
        of customer: BatchCustomer,
        _ keys: [IdentityKey]
    ) throws(Problem) {
        let violations = zip(customer.identities, keys).compactMap { identity, key -> Problem.Violation? in
            guard let other = self.owners[key], other != owner else { return nil }
            return .init(
                pointer: "\(customer.pointer)/identities/\(identity.place)",
                detail: "belongs to the customer \(other), and another one to \(owner.map { "\($0)" } ?? "")"
            )
        }
        guard violations.isEmpty else { throw .identityTaken(violations) }
    }

    /// An opt-in of a batch undoes no opt-out: lists are older than what people said since.
    private mutating func state(_ consents: [NewConsent], of id: CustomerID, now: Timestamp) -> [ConsentKey] {
        var kept: [ConsentKey] = []
        for consent in consents {
            let key = ConsentKey(customerID: id, channel: consent.channel, purpose: consent.purpose)
            let known = self.stated[key]
            if known?.status == .optedOut, consent.status == .optedIn {
                kept.append(key)
                continue
            }
            let at = max(now, known.map { $0.at + .microseconds(1) } ?? .epoch)
            let new = StatedConsent(status: consent.status, source: consent.source, proof: consent.proof, at: at)
            if let known, (known.status, known.source, known.proof) == (new.status, new.source, new.proof) { continue }
            self.stated[key] = new
            self.changes.append(consent.change(of: id, self.orgID, at: at))
        }
        return kept
    }
}
