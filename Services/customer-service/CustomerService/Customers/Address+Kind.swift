import Shared

extension Address {
    /// Reads an address as a caller wrote it for one of a customer's identities.
    ///
    /// WhatsApp knows people by a telephone number, also without its `+`, or by a business-scoped id: the first is a telephone
    /// number like any other.
    /// - Throws: `AddressFailure` with a sentence for the caller.
    init(_ text: String, as kind: AddressKind) throws(AddressFailure) {
        switch kind {
        case .phone: try self.init(text, for: .sms)
        case .email: try self.init(text, for: .email)
        case .whatsapp:
            let isNumber =
                !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            try self.init(isNumber ? "+\(text)" : text, for: .whatsapp)
        case .push: try self.init(text, for: .push)
        case .external: try self.init(text, for: .inapp)
        }
    }
}

extension JSONFields {
    /// Reads `kind` and `value` of an identity; nil where they are none.
    mutating func address() -> Address? {
        let before = self.violations.count
        let kind = self.requiredOneOf("kind", AddressKind.self)
        let value = self.requiredString("value", Address.bytes)
        guard self.violations.count == before else { return nil }
        do {
            return try Address(value, as: kind)
        } catch {
            self.violation(at: "value", error.reason)
            return nil
        }
    }
}
