package import Shared

extension Address {
    /// Reads an address as a person typed it for `channel`: telephone numbers by the numbering plans, all else as it must stand.
    ///
    /// - Parameters:
    ///   - text: at most 320 bytes.
    ///   - channel: decides which kinds of address fit.
    ///   - region: of telephone numbers without `+`; nil when there is none.
    /// - Throws: `AddressFailure` with a sentence for the caller.
    package init(typed text: String, for channel: Channel, in region: PhoneRegion?) throws(AddressFailure) {
        guard Self.bytes.contains(text.utf8.count) else { throw AddressFailure(reason: "must have 1 to 320 bytes") }
        switch channel {
        case .whatsapp:
            // A business-scoped id is none; everything else that is read at once is a number.
            if let known = try? Address(text, for: .whatsapp), known.kind != .phone {
                self = known
            } else {
                self = try Self.phone(typed: text, in: region)
            }
        case .sandbox where text.contains("@"): self = try Address(text, for: .sandbox)
        case .sms, .sandbox: self = try Self.phone(typed: text, in: region)
        case .email, .push, .inapp, .webhook: self = try Address(text, for: channel)
        }
    }

    /// Reads a telephone number as a person typed it.
    package static func phone(typed text: String, in region: PhoneRegion?) throws(AddressFailure) -> Address {
        Address(kind: .phone, value: try PhoneNumber(text, in: region).e164)
    }
}
