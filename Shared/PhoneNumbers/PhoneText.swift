import Shared

/// What a text must be made of before the numbering plans are asked.
///
/// libphonenumber itself would take digits of any script, letters for digits and whatever stands around a number: each of them
/// is a mistake here, or somebody's trick.
enum PhoneText {
    /// Of a number and all that is written between its digits.
    private static let mostBytes = 40

    /// - Throws: `AddressFailure` with a sentence that names the first thing that is wrong.
    static func check(_ text: String, hasRegion: Bool) throws(AddressFailure) {
        for scalar in text.unicodeScalars where !self.isAllowed(scalar) {
            throw AddressFailure(reason: self.reason(against: scalar))
        }
        guard text.utf8.count <= Self.mostBytes else {
            throw AddressFailure(reason: "is too long for a telephone number")
        }
        let plain = text.drop { $0 == " " || $0 == "(" }
        if plain.dropFirst().contains("+") {
            throw AddressFailure(reason: "must have no + but the one at its beginning")
        }
        guard plain.hasPrefix("+") || hasRegion else { throw AddressFailure(reason: self.international) }
    }

    /// Of a text without `+`, while nothing says to which country it belongs.
    private static let international = """
        must be a telephone number in international form, with + and the country calling code, like +14155550100; \
        numbers of one country can be read without them when the organization's setting default_region names it
        """

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "0"..."9", " ", "+", "-", ".", "/", "(", ")": true
        default: false
        }
    }

    private static func reason(against scalar: Unicode.Scalar) -> String {
        let code = String(scalar.value, radix: 16, uppercase: true)
        let name = "U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)"
        switch scalar {
        case "#", "*", ",", ";", "x", "X":
            return "must not have an extension, nor \(scalar): only a whole telephone number can be reached"
        case "a"..."z", "A"..."Z":
            return "must be a telephone number of digits, and has the letter \(scalar)"
        case _ where scalar.properties.numericType != nil:
            return "must be written with the digits 0 to 9, and has another one (\(name))"
        default:
            return "must be a telephone number of digits, spaces and + - . / ( ), and has the character \(name)"
        }
    }
}
