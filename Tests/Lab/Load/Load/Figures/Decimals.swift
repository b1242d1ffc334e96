import Foundation

/// Numbers as the tables show them.
enum Decimals {
    /// Two decimals up to 100, one above: more is noise.
    static func text(_ value: Double) -> String {
        String(format: value < 100 ? "%.2f" : "%.1f", value)
    }
}
