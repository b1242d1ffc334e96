/// How a text is cut into messages of 140 bytes, as the network carries it and as the provider counts and bills it.
///
/// A text of several gives six bytes of each to their header. A character is never cut: not behind its escape, and not between
/// its surrogates. So what does not fit wholly begins the next segment, and dividing the length would count too few.
package struct SMSSegments: Sendable, Equatable {
    /// The raw values are those of the public API.
    package enum Encoding: String, Sendable, CaseIterable {
        case gsm7 = "gsm-7"
        /// As soon as one character is not in GSM-7.
        case ucs2 = "ucs-2"

        /// Units of a text that is one segment.
        fileprivate var single: Int { self == .gsm7 ? 160 : 70 }
        /// Units of each segment of a longer one.
        fileprivate var part: Int { self == .gsm7 ? 153 : 67 }
    }

    package let encoding: Encoding
    /// Septets, or UTF-16 units.
    package let units: Int
    /// At least 1.
    package let count: Int

    package init(_ text: String) {
        let scalars = text.unicodeScalars
        let isGSM7 = scalars.allSatisfy { GSM7.septets(of: $0) != nil }
        self.encoding = isGSM7 ? .gsm7 : .ucs2
        var (units, count, used) = (0, 1, 0)
        for scalar in scalars {
            let size = isGSM7 ? GSM7.septets(of: scalar) ?? 1 : UTF16.width(scalar)
            if used + size > self.encoding.part { (count, used) = (count + 1, 0) }
            used += size
            units += size
        }
        self.units = units
        self.count = units <= self.encoding.single ? 1 : count
    }
}
