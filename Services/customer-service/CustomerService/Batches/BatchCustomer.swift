import Shared

/// One customer of a batch, valid by itself.
struct BatchCustomer: Sendable {
    struct Identity: Sendable {
        /// In the request.
        let place: Int
        let address: Address
    }

    /// Of channels and purposes there are no more.
    static let mostConsents = Channel.allCases.count * ConsentPurpose.allCases.count

    /// What says how the customer's profile changes.
    let body: JSONValue
    /// Of the element in the request.
    let pointer: String
    /// At least one; none twice.
    let identities: [Identity]
    /// By name; the customer stays in others.
    let groups: [String]
    let consents: [NewConsent]

    /// Reads an element of `POST /customers/batch`.
    ///
    /// - Parameters:
    ///   - body: the element.
    ///   - index: its place.
    ///   - region: of telephone numbers without `+`; nil when the organization has none.
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue, index: Int, region: PhoneRegion?) throws(Problem) {
        self.body = body
        self.pointer = "/customers/\(index)"
        var fields = JSONFields(body, at: self.pointer)
        var profile = CustomerProfile()
        profile.take(&fields)
        let addresses = fields.requiredEach("identities", 1...NewCustomer.mostIdentities) { $0.address(in: region) }
        self.groups = GroupName.read(&fields) ?? []
        self.consents = fields.each("consents", 0...Self.mostConsents) { NewConsent(&$0) } ?? []
        try fields.finish()
        var known: Set<IdentityKey> = []
        let nowhere = OrgID.new()
        self.identities = addresses.enumerated().compactMap { place, address in
            guard let address, known.insert(IdentityKey(orgID: nowhere, address: address)).inserted else { return nil }
            return Identity(place: place, address: address)
        }
    }
}
