/// How a customer is reached, or known: the kind and the canonical text.
package struct Address: Hashable, Sendable, Codable {
    package let kind: AddressKind
    /// For example `+14155550100`, `ann@example.com` or `US.13491208655302741918`.
    package let value: String

    /// Takes a canonical text; use `init(_:for:)` for what a person typed.
    package init(kind: AddressKind, value: String) {
        self.kind = kind
        self.value = value
    }
}

/// The kinds of identity a customer can have; the raw values are those of the public API.
package enum AddressKind: String, Sendable, CaseIterable, Codable, Hashable {
    /// E.164, with `+`.
    case phone
    case email
    /// WhatsApp's business-scoped user id, for people who show no number.
    case whatsapp
    case push
    /// The org's own id of the customer.
    case external
}

/// Why a text is no address of a channel.
package struct AddressFailure: Error, Sendable, Equatable {
    /// A sentence that says what to change.
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}

extension Address {
    /// Bytes of every address; the databases check the same.
    package static let bytes = 1...320
    /// What `isStorable` asks for, as a sentence without its subject.
    package static let storableRule = "must have 1 to 320 bytes and no NUL"

    /// Whether a database can hold it; always true for what `init(_:for:)` made.
    package var isStorable: Bool { Self.bytes.contains(self.value.utf8.count) && !self.value.utf8.contains(0) }

    /// Reads an address as a caller typed it for `channel`.
    ///
    /// - Parameters:
    ///   - text: at most 320 bytes.
    ///   - channel: decides which kinds of address fit.
    /// - Throws: `AddressFailure` with a sentence for the caller.
    package init(_ text: String, for channel: Channel) throws(AddressFailure) {
        guard Self.bytes.contains(text.utf8.count) else {
            throw AddressFailure(reason: "must have 1 to 320 bytes")
        }
        switch channel {
        case .sms:
            self = try Self.phone(text)
        case .whatsapp:
            self = Self.isBusinessScopedID(text) ? Address(kind: .whatsapp, value: text) : try Self.phone(text)
        case .email:
            self = try Self.email(text)
        case .sandbox:
            self = text.contains("@") ? try Self.email(text) : try Self.phone(text)
        case .push:
            self = Address(kind: .push, value: try Self.plain(text))
        case .inapp, .webhook:
            self = Address(kind: .external, value: try Self.plain(text))
        }
    }

    /// The address of a stored message, which was read by `init(_:for:)` when it was made.
    package init(recipient: String, on channel: Channel) {
        if let address = try? Address(recipient, for: channel) {
            self = address
            return
        }
        switch channel {
        case .sms, .sandbox: self.init(kind: .phone, value: recipient)
        case .whatsapp: self.init(kind: .whatsapp, value: recipient)
        case .email: self.init(kind: .email, value: recipient)
        case .push: self.init(kind: .push, value: recipient)
        case .inapp, .webhook: self.init(kind: .external, value: recipient)
        }
    }

    /// `+` and 7 to 15 digits, not starting with 0; spaces, dots, hyphens and parentheses between them are dropped.
    private static func phone(_ text: String) throws(AddressFailure) -> Address {
        let compact = String(text.unicodeScalars.filter { !" .-()".unicodeScalars.contains($0) })
        let digits = compact.utf8.dropFirst()
        guard compact.hasPrefix("+"), (7...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            throw AddressFailure(
                reason: "must be a telephone number in international form: + and 7 to 15 digits, like +14155550100"
            )
        }
        return Address(kind: .phone, value: compact)
    }

    /// One `@`, a local part of at most 64 bytes, a domain of labels that is no IP address; the domain is lowercased.
    private static func email(_ text: String) throws(AddressFailure) -> Address {
        let failure = AddressFailure(reason: "must be an email address, like ann@example.com")
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), text.utf8.count <= 254 else { throw failure }
        let localAllowed = Set(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-".utf8
        )
        guard parts[0].utf8.allSatisfy(localAllowed.contains) else { throw failure }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Self.isDomainLabel),
            let top = labels.last, !top.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { throw failure }
        return Address(kind: .email, value: "\(parts[0])@\(parts[1].lowercased())")
    }

    private static func isDomainLabel(_ label: Substring) -> Bool {
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-".utf8)
        return (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
            && label.utf8.allSatisfy(letters.contains)
    }

    /// Two capital letters, a dot, and up to 128 letters and digits.
    private static func isBusinessScopedID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (4...131).contains(bytes.count), bytes[2] == UInt8(ascii: ".") else { return false }
        let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let alphanumerics = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        return bytes.prefix(2).allSatisfy(capitals.contains) && bytes.dropFirst(3).allSatisfy(alphanumerics.contains)
    }

    private static func plain(_ text: String) throws(AddressFailure) -> String {
        guard
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0.properties.generalCategory != .control })
        else {
            throw AddressFailure(reason: "must not contain spaces or control characters")
        }
        return text
    }
}
