import PhoneNumbers
import Shared

extension Address {
    /// Reads an address as a caller wrote it for one of a customer's identities.
    ///
    /// WhatsApp knows people by a telephone number, also without its `+`, or by a business-scoped id: the first is a telephone
    /// number like any other.
    ///
    /// - Parameters:
    ///   - text: at most 320 bytes.
    ///   - kind: of the identity.
    ///   - region: of telephone numbers without `+`; nil when the organization has none.
    /// - Throws: `AddressFailure` with a sentence for the caller.
    init(_ text: String, as kind: AddressKind, in region: PhoneRegion?) throws(AddressFailure) {
        switch kind {
        case .phone: try self.init(typed: text, for: .sms, in: region)
        case .email: try self.init(text, for: .email)
        case .whatsapp:
            let isNumber =
                !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            try self.init(typed: isNumber ? "+\(text)" : text, for: .whatsapp, in: region)
        case .push: try self.init(text, for: .push)
        case .external: try self.init(text, for: .inapp)
        }
    }
}

extension JSONFields {
    /// Reads `kind` and `value` of an identity; nil where they are none.
    mutating func address(in region: PhoneRegion?) -> Address? {
        let before = self.violations.count
        let kind = self.requiredOneOf("kind", AddressKind.self)
        let value = self.requiredString("value", Address.bytes)
        guard self.violations.count == before else { return nil }
        do {
            return try Address(value, as: kind, in: region)
        } catch {
            self.violation(at: "value", error.reason)
            return nil
        }
    }
}
