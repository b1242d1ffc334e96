import Shared

/// A customer that a tenant makes, valid by itself.
struct NewCustomer: Sendable {
    static let mostIdentities = 50
    static let mostGroups = 100

    let profile: CustomerProfile
    /// In the order in which they were given; none twice.
    let identities: [Address]
    /// By name.
    let groups: [String]

    /// Reads the body of `POST /customers`.
    ///
    /// - Parameters:
    ///   - body: of the request.
    ///   - region: of telephone numbers without `+`; nil when the organization has none.
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue, region: PhoneRegion?) throws(Problem) {
        var fields = JSONFields(body, at: "")
        var profile = CustomerProfile()
        profile.take(&fields)
        let identities = fields.each("identities", 0...Self.mostIdentities) { $0.address(in: region) } ?? []
        let groups = GroupName.read(&fields) ?? []
        var known: Set<IdentityKey> = []
        let nowhere = OrgID.new()
        for (index, address) in identities.enumerated() {
            guard let address, !known.insert(IdentityKey(orgID: nowhere, address: address)).inserted else { continue }
            fields.violation(at: "identities/\(index)", "is the same as one before it")
        }
        try fields.finish()
        self.profile = profile
        self.identities = identities.compactMap(\.self)
        self.groups = groups
    }
}
