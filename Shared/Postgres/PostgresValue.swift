/// A Swift value with one Postgres text representation, used both to bind and to read.
package protocol PostgresValue: Sendable {
    init?(postgresText: String)
    var postgresText: String { get }

    /// Appends the value as an element of an array literal; the default quotes `postgresText`.
    ///
    /// Types whose text never holds a quote, comma, brace, backslash or space append it as it is, without making a string.
    func appendArrayElement(to literal: inout [UInt8])
}

extension PostgresValue {
    package func appendArrayElement(to literal: inout [UInt8]) {
        appendQuoted(self.postgresText, to: &literal)
    }
}

extension String: PostgresValue {
    package init?(postgresText: String) { self = postgresText }
    package var postgresText: String { self }
}

extension Int: PostgresValue {
    package init?(postgresText: String) { self.init(postgresText) }
    package var postgresText: String { String(self) }
    package func appendArrayElement(to literal: inout [UInt8]) { literal.append(contentsOf: self.postgresText.utf8) }
}

extension Int64: PostgresValue {
    package init?(postgresText: String) { self.init(postgresText) }
    package var postgresText: String { String(self) }
    package func appendArrayElement(to literal: inout [UInt8]) { literal.append(contentsOf: self.postgresText.utf8) }
}

/// `double precision`: both sides write the shortest text that reads back as the same number.
extension Double: PostgresValue {
    package init?(postgresText: String) {
        switch postgresText {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        default: self.init(postgresText)
        }
    }

    package var postgresText: String {
        if self.isNaN { return "NaN" }
        guard self.isInfinite else { return self.description }
        return self < 0 ? "-Infinity" : "Infinity"
    }

    package func appendArrayElement(to literal: inout [UInt8]) { literal.append(contentsOf: self.postgresText.utf8) }
}

extension Bool: PostgresValue {
    package init?(postgresText: String) {
        guard postgresText == "t" || postgresText == "f" else { return nil }
        self = postgresText == "t"
    }

    package var postgresText: String { self ? "t" : "f" }
    package func appendArrayElement(to literal: inout [UInt8]) {
        literal.append(self ? UInt8(ascii: "t") : UInt8(ascii: "f"))
    }
}

/// Enums with string raw values map to Postgres enum types by name.
extension PostgresValue where Self: RawRepresentable<String> {
    package init?(postgresText: String) { self.init(rawValue: postgresText) }
    package var postgresText: String { self.rawValue }
}
