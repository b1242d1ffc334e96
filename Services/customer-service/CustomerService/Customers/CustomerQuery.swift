import HTTPService
import PhoneNumbers
import Shared

extension [CustomerCondition] {
    /// Fields that one search compares.
    private static var mostFields: Int { 5 }

    /// Reads the filters of `GET /customers`; `region` is that of telephone numbers without `+`.
    init(_ query: inout QueryParameters, region: PhoneRegion?) {
        self = []
        if let text = query.string("q", 1...200) {
            self.append(Self.digits(of: text, in: region).map { .phone($0) } ?? .name(beginsWith: text))
        }
        if let text = query.string("phone", 1...40) {
            if let digits = Self.digits(of: text, in: region) {
                self.append(.phone(digits))
            } else {
                query.violation(at: "phone", "must have 3 to 15 digits of a telephone number")
            }
        }
        if let text = query.string("email", 1...320) {
            // What is no address nobody has.
            self.append(.email((try? Address(text, as: .email, in: nil))?.value ?? text))
        }
        if let text = query.string("external_id", 1...320) { self.append(.external(text)) }
        self += query.strings("field.", atMost: Self.mostFields).map { .field(name: $0.name, value: $0.value) }
        if let name = query.string("group", GroupName.characters) { self.append(.group(name)) }
        if let isGuest = query.bool("guest") { self.append(.guest(isGuest)) }
    }

    /// The digits of a part of a telephone number as people write it; nil for what is none.
    ///
    /// A whole number in national form, like 0171 1234567, is looked for as it is stored: its trunk digit is not there.
    private static func digits(of text: String, in region: PhoneRegion?) -> String? {
        let digits = text.unicodeScalars.filter { ("0"..."9").contains($0) }
        let others = text.unicodeScalars.filter { !("0"..."9").contains($0) }
        guard (3...15).contains(digits.count), others.allSatisfy("+-./() ".unicodeScalars.contains) else { return nil }
        let plain = String(String.UnicodeScalarView(digits))
        guard let region, let number = try? PhoneNumber(text, in: region).e164, !number.contains(plain) else {
            return plain
        }
        return String(number.dropFirst())
    }
}
