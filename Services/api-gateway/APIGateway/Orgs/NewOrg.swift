package import Shared

/// An organization that the operator asks for.
package struct NewOrg: Sendable {
    /// Bytes of all settings, in our encoding.
    static let settingsBytes = 16 * 1024

    package let name: String
    /// Nil to have one made of the name.
    package let slug: Slug?
    package let isSMSVerified: Bool
    package let isSandbox: Bool
    package let settings: JSONObject
    /// Nil for the installation's.
    package let rateLimit: RateLimit?

    /// Reads the body of `POST /orgs`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    package init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.name = fields.requiredString("name", 1...200)
        let slug = fields.string("slug", 1...500)
        self.slug = slug.flatMap { Slug($0) }
        if slug != nil, self.slug == nil { fields.violation(at: "slug", Slug.rule) }
        self.isSMSVerified = fields.bool("sms_verified") ?? false
        self.isSandbox = fields.bool("sandbox") ?? false
        self.settings = fields.orgSettings("settings", bytes: Self.settingsBytes) ?? [:]
        self.rateLimit = fields.rateLimit()
        fields.refuseControlCharacters(in: self.name, at: "name")
        try fields.finish()
    }
}

extension JSONFields {
    /// A name is one line: it stands in lists, logs and mails.
    mutating func refuseControlCharacters(in text: String?, at name: String) {
        guard let text, !HeaderLine.isSafe(text) else { return }
        self.violation(at: name, HeaderLine.rule)
    }
}
