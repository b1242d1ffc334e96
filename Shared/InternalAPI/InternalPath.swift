package import Shared

/// The path of a call to another service: literal text, ids and numbers, so that nothing a caller wrote can become part of it.
package struct InternalPath: Sendable, Hashable, ExpressibleByStringInterpolation {
    package let text: String

    package init(stringLiteral value: String) {
        self.text = value
    }

    package init(stringInterpolation: StringInterpolation) {
        self.text = stringInterpolation.text
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) {
            self.text += literal
        }

        package mutating func appendInterpolation<Entity>(_ id: ID<Entity>) {
            self.text += id.description
        }

        package mutating func appendInterpolation(_ number: Int) {
            self.text += String(number)
        }
    }
}
