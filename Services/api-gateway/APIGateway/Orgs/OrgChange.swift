package import Shared

/// What is to be changed of an organization; absent fields stay as they are.
package struct OrgChange: Sendable {
    /// Who asks: an organization can not verify itself, nor choose its limit.
    package enum Authority {
        case `operator`, tenant
    }

    package let name: String?
    package let isSMSVerified: Bool?
    package let isSuspended: Bool?
    /// Setting by setting; null removes one.
    package let settings: JSONObject?
    package let rateLimit: RateLimitChange

    /// Reads the body of `PATCH /orgs/{id}` or `PATCH /org`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    package init(_ body: JSONValue, by authority: Authority) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.name = fields.string("name", 1...200)
        self.settings = fields.orgSettings("settings", bytes: NewOrg.settingsBytes)
        switch authority {
        case .operator:
            self.isSMSVerified = fields.bool("sms_verified")
            self.isSuspended = fields.bool("suspended")
            self.rateLimit = fields.rateLimitChange()
        case .tenant:
            self.isSMSVerified = nil
            self.isSuspended = nil
            self.rateLimit = .keep
        }
        fields.refuseControlCharacters(in: self.name, at: "name")
        try fields.finish()
    }

    /// What becomes of `org`, and the names of what differs.
    func applied(to org: OrgResource) throws(Problem) -> ChangedOrg {
        var settings = org.settings
        for member in self.settings?.members ?? [] {
            // `nil` alone would be JSON's null.
            settings[member.name] = member.value.isNull ? JSONValue?.none : member.value
        }
        guard JSONValue.object(settings).bytes.count <= NewOrg.settingsBytes else {
            throw .invalidRequest([
                .init(
                    pointer: "/settings",
                    detail: "must have at most \(NewOrg.settingsBytes) bytes with those there are"
                )
            ])
        }
        return ChangedOrg(
            name: self.name ?? org.name,
            isSMSVerified: self.isSMSVerified ?? org.isSMSVerified,
            isSuspended: self.isSuspended ?? org.isSuspended,
            settings: settings,
            rateLimit: self.rateLimit.applied(to: org.rateLimit)
        )
    }
}

/// An organization's fields after a change.
struct ChangedOrg: Sendable {
    let name: String
    let isSMSVerified: Bool
    let isSuspended: Bool
    let settings: JSONObject
    let rateLimit: RateLimit?

    /// Old and new value of each field that differs, for the audit trail; empty when nothing does.
    func differences(from org: OrgResource) -> JSONObject {
        let fields: [(String, JSONValue, JSONValue)] = [
            ("name", .string(org.name), .string(self.name)),
            ("sms_verified", .bool(org.isSMSVerified), .bool(self.isSMSVerified)),
            ("suspended", .bool(org.isSuspended), .bool(self.isSuspended)),
            ("settings", .object(org.settings), .object(self.settings)),
            ("rate_limit", org.rateLimit.json, self.rateLimit.json),
        ]
        var differences = JSONObject()
        for (name, old, new) in fields where old != new { differences[name] = ["from": old, "to": new] }
        return differences
    }
}
