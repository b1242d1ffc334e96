/// A JSON number by its digits, so that nothing is lost between its sender and our database.
///
/// At most 40 characters, an exponent of at most 308, magnitude below 1e308, and never -0: Postgres would turn an
/// exponent of six characters into 131,072 digits, and readers disagree about the rest.
package struct JSONNumber: Sendable, Hashable, CustomStringConvertible {
    /// As JSON writes it: `-12.50`, `1e3`.
    package let text: String

    /// Longer than any exact 64-bit integer or shortest double (24).
    static let longestText = 40

    package init(_ value: Int) {
        self.text = String(value)
    }

    /// Nil for what JSON can not write, or the rules above refuse.
    package init?(_ value: Double) {
        self.init("\(value)")
    }

    /// Reads a JSON number of any spelling.
    package init?(_ text: String) {
        guard let parts = Parts(text), parts.isAllowed else { return nil }
        self.text = text
    }

    /// Whether `text` follows JSON's grammar, allowed or not.
    static func isWritten(like text: String) -> Bool { Parts(text) != nil }

    package var description: String { self.text }

    package var double: Double { Double(self.text) ?? 0 }

    /// The value, if it is an integer within ±2^53: beyond it readers that use doubles would see another number.
    package var int: Int? {
        if let value = Int(self.text) { return Self.exact.contains(value) ? value : nil }
        guard let value = Parts(self.text)?.integer, Self.exact.contains(value) else { return nil }
        return value
    }

    private static let exact = -(1 << 53)...(1 << 53)
}
