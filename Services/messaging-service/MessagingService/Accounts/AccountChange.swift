package import Shared

/// What is to be changed of a channel account; absent fields stay as they are.
package struct AccountChange: Sendable {
    package let name: String?
    /// All of them, in the place of the old ones.
    package let credentials: Credentials?
    /// Setting by setting; null removes one.
    package let settings: JSONObject?
    package let isDefault: Bool?
    /// What the provider's webhooks call the account from now on; nil when that does not change.
    package let number: String?

    /// Reads the body of `PATCH /channel-accounts/{id}`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    package init(_ body: JSONValue, of provider: ProviderKind) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.name = fields.string("name", 1...200)
        fields.refuseLineBreaks(in: self.name, at: "name")
        let settings = fields.object("settings", bytes: 16 * 1024)
        let isDefault = fields.bool("is_default")
        let credentials = fields.nested("credentials") { CredentialRules(provider).read(&$0) }
        if isDefault == false {
            fields.violation(at: "is_default", "can not be taken away: make another account the default")
        }
        let kept = JSONObject(distinct: (settings?.members ?? []).filter { !$0.value.isNull })
        SettingRules(provider).check(kept, in: &fields)
        try fields.finish()
        self.settings = settings
        self.isDefault = isDefault
        self.credentials = credentials.map { Credentials($0) }
        self.number = provider == .whatsappCloud ? credentials?["phone_number_id"] : nil
    }

    /// The settings after the change.
    func applied(to settings: JSONValue) -> JSONValue {
        var changed = settings.object ?? [:]
        for member in self.settings?.members ?? [] {
            // `nil` alone would be JSON's null.
            changed[member.name] = member.value.isNull ? JSONValue?.none : member.value
        }
        return .object(changed)
    }

    /// The names of what is changed, for the audit trail.
    var names: JSONValue {
        let changed: [(String, Bool)] = [
            ("name", self.name != nil), ("credentials", self.credentials != nil),
            ("settings", self.settings != nil), ("is_default", self.isDefault != nil),
        ]
        return .array(changed.filter(\.1).map { .string($0.0) })
    }
}
