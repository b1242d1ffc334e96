import Shared

/// An address to which an organization wants nothing sent, valid by itself.
struct NewSuppression: Sendable {
    let address: Address
    /// Nil for every channel.
    let channel: Channel?
    let reason: String?
    /// Nil for ever.
    let expiresAt: Timestamp?

    /// Reads the body of `POST /suppressions`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue, now: Timestamp) throws(Problem) {
        var fields = JSONFields(body, at: "")
        let text = fields.requiredString("address", Address.bytes)
        self.channel = fields.oneOf("channel", Channel.self)
        self.reason = fields.line("reason", 1...500)
        self.expiresAt = fields.timestamp("expires_at")
        if let expiresAt, expiresAt <= now { fields.violation(at: "expires_at", "must be in the future") }
        var address: Address?
        if fields.violations.isEmpty {
            do {
                address = try Self.address(text, channel)
            } catch {
                fields.violation(at: "address", error.reason)
            }
        }
        try fields.finish()
        self.address = address ?? Address(kind: .external, value: text)
    }

    /// Without a channel the form tells what it is.
    static func address(_ text: String, _ channel: Channel?) throws(AddressFailure) -> Address {
        if let channel { return try Address(text, for: channel) }
        if text.contains("@") { return try Address(text, for: .email) }
        if text.hasPrefix("+") { return try Address(text, for: .sms) }
        throw AddressFailure(reason: "needs a channel: it is neither an email address nor a telephone number with +")
    }
}
