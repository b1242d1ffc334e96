package import Shared

/// For which organization a request is, and what its key may do there.
package struct Tenancy: Sendable {
    package let orgID: OrgID
    /// `operator`, or `key:<id>`.
    package let actor: String
    package let scopes: Scopes
    /// What keys it can make; it may be live in a sandbox organization.
    package let keyMode: KeyMode
    /// When the key ends; nil when it does not.
    package let expiresAt: Timestamp?
    /// The key's own; nil when it has none.
    package let rateLimit: RateLimit?
    /// How the other services are to act: everything of a sandbox organization is a test.
    package let acting: Acting

    /// Whether the operator acts, whose key is no organization's own.
    var isOperator: Bool { self.actor == OperatorRequestContext.actor }

    package init(_ key: KeyRecord) {
        self.init(
            orgID: key.orgID,
            actor: "key:\(key.id)",
            scopes: key.scopes,
            keyMode: key.mode,
            expiresAt: key.expiresAt,
            rateLimit: key.rateLimit,
            org: key.org
        )
    }

    /// The operator in the place of an organization.
    package init(operatorFor orgID: OrgID, org: OrgState) {
        self.init(
            orgID: orgID,
            actor: OperatorRequestContext.actor,
            scopes: .everything,
            keyMode: .live,
            expiresAt: nil,
            rateLimit: nil,
            org: org
        )
    }

    private init(
        orgID: OrgID,
        actor: String,
        scopes: Scopes,
        keyMode: KeyMode,
        expiresAt: Timestamp?,
        rateLimit: RateLimit?,
        org: OrgState
    ) {
        self.orgID = orgID
        self.actor = actor
        self.scopes = scopes
        self.keyMode = keyMode
        self.expiresAt = expiresAt
        self.rateLimit = rateLimit
        self.acting = Acting(
            orgID: orgID,
            actor: actor,
            mode: org.isSandbox ? .test : keyMode,
            defaultRegion: org.defaultRegion,
            scheduleLead: .seconds(60 * org.scheduleLeadMinutes)
        )
    }
}
