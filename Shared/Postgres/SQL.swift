/// A statement and its bound values, written as a string literal.
///
///     let sql: SQL = "SELECT id FROM deliveries WHERE org_id = \(orgID)"
///
/// Each interpolated value becomes a `$n` parameter: nothing a caller interpolates can become SQL text.
/// There is deliberately no way to splice in a raw string.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// Statement text with `$1`, `$2`, … placeholders.
    package let text: String
    /// Values in placeholder order; `nil` is SQL `NULL`.
    let values: [BoundValue?]

    package init(stringLiteral value: String) {
        self.text = value
        self.values = []
    }

    package init(stringInterpolation: Interpolation) {
        self.text = stringInterpolation.text
        self.values = stringInterpolation.values
    }

    package struct Interpolation: StringInterpolationProtocol {
        var text = ""
        var values: [BoundValue?] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            self.values.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            self.text += literal
        }

        package mutating func appendInterpolation(_ value: (some PostgresValue)?) {
            self.append(value.map { BoundValue(text: $0.postgresText) })
        }

        /// Binds an array in its binary form.
        package mutating func appendInterpolation<Value: BinaryElement>(_ values: [Value]?) {
            self.append(values.map { BoundValue(binary: binaryArray(of: $0)) })
        }

        /// Binds an array some of whose elements are SQL `NULL`, in its binary form.
        package mutating func appendInterpolation<Value: BinaryElement>(_ values: [Value?]) {
            self.append(BoundValue(binary: binaryArray(of: values)))
        }

        /// Inserts another statement or a part of one, which is SQL text by its own literal, with its values.
        package mutating func appendInterpolation(_ part: SQL) {
            let bound = self.values.count
            self.values += part.values
            var rest = part.text[...]
            while let dollar = rest.firstIndex(of: "$") {
                let digits = rest[rest.index(after: dollar)...].prefix { $0.isASCII && $0.isNumber }
                self.text += rest[..<dollar]
                self.text += Int(digits).map { "$\($0 + bound)" } ?? "$"
                rest = rest[digits.endIndex...]
            }
            self.text += rest
        }

        /// Binds an array some of whose elements are SQL `NULL`.
        package mutating func appendInterpolation<Value: PostgresValue>(_ values: [Value?]) {
            self.append(BoundValue(text: arrayText(of: values)))
        }

        private mutating func append(_ value: BoundValue?) {
            self.values.append(value)
            self.text += "$\(self.values.count)"
        }
    }
}
