import Foundation

/// Numbers as the tables show them.
enum Decimals {
    /// Two decimals up to 100, one above: more is noise.
    static func text(_ value: Double) -> String {
        String(format: value < 100 ? "%.2f" : "%.1f", value)
    }

    /// Three decimals, for shares of what is possible.
    static func ratio(_ value: Double) -> String {
        String(format: "%.3f", value)
    }

    /// Rates and large sums whole, with commas.
    static func whole(_ value: Double) -> String {
        var digits = String(Int(value.rounded()))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
