import CPhoneNumbers
package import Shared

/// A telephone number that people wrote, read by the numbering plan of its country.
///
/// The only code that touches libphonenumber. It stands at the edge, where callers' texts come in: what is read here is E.164
/// from then on, and `Address` alone says what that is. A reading takes 6 to 17 microseconds, and next to none when the number was
/// asked for lately.
package struct PhoneNumber: Sendable, Hashable {
    /// `+` and 7 to 15 digits.
    package let e164: String

    /// Reads a number in international form, or in the national form of `region`.
    ///
    /// In international form it must have a country calling code that exists, and a length that the country has. Whether its
    /// digits are given to anybody is not asked: the numbering plans of this library are as old as the library, and new ranges
    /// are in use before it hears of them. That is also how the sandbox's numbers (`+15550000001` and on) pass everywhere: they
    /// are possible, though in no range. In national form a number must be in a range too, because whatever is short enough
    /// could be one.
    ///
    /// - Parameters:
    ///   - text: of digits, spaces and `+ - . / ( )`.
    ///   - region: the organization's; nil when it has none.
    /// - Throws: `AddressFailure` with a sentence for the caller.
    package init(_ text: String, in region: PhoneRegion?) throws(AddressFailure) {
        try PhoneText.check(text, hasRegion: region != nil)
        var digits: UInt64 = 0
        let code = region?.rawValue ?? "ZZ"
        let bytes = text.utf8.count
        let outcome = unsafe herald_phone_read(text, bytes, code, &digits)
        if let reason = PhoneFault(outcome)?.reason(text, region) { throw AddressFailure(reason: reason) }
        // A number that a country has, and E.164 has not: Germany's may be longer than 15 digits.
        self.e164 = try Address("+\(digits)", for: .sms).value
    }
}

extension PhoneNumber {
    /// What kind of number it is, as far as that can be seen; the raw values are those of the public API.
    package enum Kind: String, Sendable, CaseIterable {
        case fixedLine = "fixed_line"
        case mobile
        /// In North America both look alike.
        case fixedLineOrMobile = "fixed_line_or_mobile"
        case tollFree = "toll_free"
        case premiumRate = "premium_rate"
        case sharedCost = "shared_cost"
        case voip
        case personal
        case pager
        /// A company's number for its whole country.
        case companyWide = "uan"
        case voicemail
        /// In no range that is known.
        case unknown
    }

    /// What is known of a number.
    package struct Details: Sendable, Equatable {
        /// Nil for numbers of no country, like `+800`, and where it can not be told.
        package let region: PhoneRegion?
        package let kind: Kind

        package init(region: PhoneRegion?, kind: Kind) {
            self.region = region
            self.kind = kind
        }
    }

    /// Looks up what is known of an address; nil for what is no telephone number.
    ///
    /// It takes 6 to 17 microseconds, and next to none when the number was read or asked for lately.
    package static func details(of address: String) -> Details? {
        guard address.utf8.first == UInt8(ascii: "+") else { return nil }
        let details = unsafe herald_phone_describe(address, address.utf8.count)
        // The order is libphonenumber's.
        let kinds = Kind.allCases
        let index = Int(details.type)
        return Details(
            region: Self.region(details.region),
            kind: kinds.indices.contains(index) ? kinds[index] : .unknown
        )
    }

    private static func region(_ letters: UInt16) -> PhoneRegion? {
        PhoneRegion(rawValue: String(decoding: [UInt8(letters >> 8), UInt8(letters & 0xFF)], as: UTF8.self))
    }

    /// Whether libphonenumber has a numbering plan of `region`.
    package static func knows(_ region: PhoneRegion) -> Bool { unsafe herald_phone_knows_region(region.rawValue) }
}
