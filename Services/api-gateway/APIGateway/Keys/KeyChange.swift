package import Shared

/// What is to be changed of a key; absent fields stay as they are.
///
/// Scopes and mode are fixed: whoever holds a key knows what it may do, and another key is made in a moment.
package struct KeyChange: Sendable {
    let name: String?
    let rateLimit: RateLimitChange

    /// Reads the body of `PATCH /keys/{id}`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    package init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        self.name = fields.string("name", 1...200)
        self.rateLimit = fields.rateLimitChange()
        fields.refuseControlCharacters(in: self.name, at: "name")
        try fields.finish()
    }

    /// Old and new value of each field that differs, for the audit trail; empty when nothing does.
    func differences(from key: LockedKey) -> JSONObject {
        var differences = JSONObject()
        if let name, name != key.name { differences["name"] = ["from": .string(key.name), "to": .string(name)] }
        let limit = self.rateLimit.applied(to: key.rateLimit)
        if limit != key.rateLimit { differences["rate_limit"] = ["from": key.rateLimit.json, "to": limit.json] }
        return differences
    }
}
