package import Foundation

/// One accepted message: what the provider would be held to.
package struct LedgerEntry: Sendable, Equatable {
    package let at: Date
    package let provider: StubProvider
    /// The phone number id, the account SID, what names the SendGrid key without giving it away, or the receiver's name.
    package let account: String
    /// As the request wrote it; SendGrid recipients are joined by a comma.
    package let to: String
    /// The sender's own reference: `biz_opaque_callback_data`, the `ref` item of `StatusCallback`'s query,
    /// `custom_args.attempt_id`, or a webhook's `data.reference`.
    package let reference: String?
    /// SHA-256 of the raw body, in hexadecimal digits.
    package let bodyHash: String
    package let providerID: String
    /// The decoded request as one line of JSON.
    package let request: String

    /// ISO 8601 in UTC with milliseconds.
    private static let timestamp = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The string or number at a path of the decoded request, for assertions: `entry.field("text", "body")`.
    package func field(_ path: String...) -> String? {
        var value = try? JSONSerialization.jsonObject(with: Data(self.request.utf8)) as Any?
        for name in path {
            if let index = Int(name), let array = value as? [Any] {
                value = array.indices.contains(index) ? array[index] : nil
            } else {
                value = (value as? [String: Any])?[name]
            }
        }
        switch value {
        case let text as String: return text
        case let number as NSNumber: return number.stringValue
        default: return nil
        }
    }

    /// The entry as it stands in the file, without the line end.
    package var line: String {
        var object = JSONObject()
        object.set("at", self.at.formatted(Self.timestamp))
        object.set("provider", self.provider.rawValue)
        object.set("account", self.account)
        object.set("to", self.to)
        object.set("reference", self.reference)
        object.set("body_hash", self.bodyHash)
        object.set("provider_id", self.providerID)
        object.set("request", raw: self.request)
        return object.finish()
    }
}
