package import Shared

/// A channel account that a tenant sets up, valid by itself.
package struct NewAccount: Sendable {
    package let channel: Channel
    package let provider: ProviderKind
    package let name: String
    package let credentials: Credentials
    package let settings: JSONValue
    package let isDefault: Bool
    /// What the provider's webhooks call the account; nil where they name none.
    package let number: String?
}

extension NewAccount {
    /// Reads the body of `POST /channel-accounts`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    package init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        let channel = fields.requiredOneOf("channel", Channel.self)
        let provider = fields.requiredOneOf("provider", ProviderKind.self)
        let name = fields.requiredString("name", 1...200)
        fields.refuseLineBreaks(in: name, at: "name")
        let settings = fields.object("settings", bytes: 16 * 1024)
        let isDefault = fields.bool("is_default")
        let credentials = fields.nested("credentials") { CredentialRules(provider).read(&$0) }
        if provider.channel != channel {
            fields.violation(at: "provider", "does not serve the channel \(channel.rawValue)")
        }
        if credentials == nil, !CredentialRules(provider).names.isEmpty {
            fields.violation(at: "credentials", "is required: \(CredentialRules(provider).sentence)")
        }
        SettingRules(provider).check(settings, in: &fields)
        try fields.finish()

        self.channel = channel
        self.provider = provider
        self.name = name
        self.settings = .object(settings ?? [:])
        self.isDefault = isDefault ?? false
        self.credentials = Credentials(credentials ?? [:])
        self.number = provider == .whatsappCloud ? credentials?["phone_number_id"] : nil
    }
}
