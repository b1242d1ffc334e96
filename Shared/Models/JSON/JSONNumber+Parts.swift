extension JSONNumber {
    /// The pieces of `-12.50e3`: digits `1250`, of them 2 after the point, exponent 3.
    struct Parts {
        private let text: String
        private let isNegative: Bool
        private var digits: [UInt8]
        private var fractionCount = 0
        private var exponent = 0

        private static let largestExponent = 308

        /// Nil when `text` is no number in JSON's grammar.
        init?(_ text: String) {
            self.text = text
            var rest = text.utf8[...]
            self.isNegative = rest.first == UInt8(ascii: "-")
            if self.isNegative { rest.removeFirst() }
            self.digits = Self.takeDigits(&rest)
            guard let first = self.digits.first, first != UInt8(ascii: "0") || self.digits.count == 1 else {
                return nil
            }
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                let fraction = Self.takeDigits(&rest)
                guard !fraction.isEmpty else { return nil }
                self.digits += fraction
                self.fractionCount = fraction.count
            }
            if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
                rest.removeFirst()
                guard let exponent = Self.takeExponent(&rest) else { return nil }
                self.exponent = exponent
            }
            guard rest.isEmpty else { return nil }
        }

        var isAllowed: Bool {
            guard self.text.utf8.count <= JSONNumber.longestText, abs(self.exponent) <= Self.largestExponent else {
                return false
            }
            if self.isZero { return !self.isNegative }
            if self.fractionCount == 0, self.exponent == 0 { return true }
            guard let value = Double(self.text) else { return false }
            return value != 0 && abs(value) < 1e308
        }

        /// Nil when there is a fraction, or more digits than an `Int` has.
        var integer: Int? {
            if self.isZero { return 0 }
            var digits = self.digits[...]
            var scale = self.fractionCount - self.exponent
            while scale > 0, digits.last == UInt8(ascii: "0") {
                digits.removeLast()
                scale -= 1
            }
            guard scale <= 0, digits.count - scale <= 40 else { return nil }
            digits += repeatElement(UInt8(ascii: "0"), count: -scale)
            let magnitude = Int(String(decoding: digits, as: UTF8.self))
            return self.isNegative ? magnitude.map { -$0 } : magnitude
        }

        private var isZero: Bool { self.digits.allSatisfy { $0 == UInt8(ascii: "0") } }

        private static func takeDigits(_ rest: inout Substring.UTF8View) -> [UInt8] {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[digits.endIndex...]
            return Array(digits)
        }

        /// Nil without digits; more digits than any allowed exponent has are as good as the largest.
        private static func takeExponent(_ rest: inout Substring.UTF8View) -> Int? {
            let isNegative = rest.first == UInt8(ascii: "-")
            if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            let digits = Self.takeDigits(&rest)
            guard !digits.isEmpty else { return nil }
            let magnitude = Int(String(decoding: digits, as: UTF8.self)) ?? Int.max
            return isNegative ? -magnitude : magnitude
        }
    }
}
