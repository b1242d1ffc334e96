import PhoneNumbers
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
    /// - Parameters:
    ///   - body: of the request.
    ///   - now: must be before its end.
    ///   - region: of telephone numbers without `+`; nil when the organization has none.
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue, now: Timestamp, region: PhoneRegion?) throws(Problem) {
        var fields = JSONFields(body, at: "")
        let text = fields.requiredString("address", Address.bytes)
        self.channel = fields.oneOf("channel", Channel.self)
        self.reason = fields.line("reason", 1...500)
        self.expiresAt = fields.timestamp("expires_at")
        if let expiresAt, expiresAt <= now { fields.violation(at: "expires_at", "must be in the future") }
        var address: Address?
        if fields.violations.isEmpty {
            do {
                address = try Self.address(text, channel, in: region)
            } catch {
                fields.violation(at: "address", error.reason)
            }
        }
        try fields.finish()
        self.address = address ?? Address(kind: .external, value: text)
    }

    /// Without a channel the form tells what it is.
    static func address(
        _ text: String,
        _ channel: Channel?,
        in region: PhoneRegion?
    ) throws(AddressFailure) -> Address {
        if let channel { return try Address(typed: text, for: channel, in: region) }
        if text.contains("@") { return try Address(text, for: .email) }
        guard text.unicodeScalars.allSatisfy({ !$0.properties.isAlphabetic }) else {
            throw AddressFailure(reason: "needs a channel: it is neither an email address nor a telephone number")
        }
        return try Address.phone(typed: text, in: region)
    }
}
