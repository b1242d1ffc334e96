/// Why bytes are not one JSON value by our rules.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case empty
        case byteOrderMark
        case unexpectedCharacter
        case unexpectedEnd
        case trailingComma
        case secondValue
        case duplicateName
        case tooDeep
        case tooManyValues
        case invalidUTF8
        case controlCharacter
        case nul
        case loneSurrogate
        case invalidEscape
        case invalidNumber
        case numberOutOfRange
    }

    package let kind: Kind
    /// Bytes before the fault; for a fault within a string or number, before that string or number.
    package let offset: Int

    /// A sentence that says what to change.
    package var description: String { "\(self.kind.sentence) (byte \(self.offset))." }
}

extension JSONSyntaxError.Kind {
    fileprivate var sentence: String {
        switch self {
        case .empty: "The body must not be empty"
        case .byteOrderMark: "The body must not begin with a byte order mark"
        case .unexpectedCharacter: "There is a character that JSON does not have in this place"
        case .unexpectedEnd: "The JSON ends too early"
        case .trailingComma: "A comma must not stand before a closing bracket"
        case .secondValue: "There must be nothing after the first JSON value"
        case .duplicateName: "An object must not have the same name twice"
        case .tooDeep: "Arrays and objects must not be nested this deep"
        case .tooManyValues: "The body must not have more than \(Limits.jsonValues) values"
        case .invalidUTF8: "The text must be UTF-8"
        case .controlCharacter: "Control characters in a string must be written as escapes"
        case .nul: "A string must not contain NUL"
        case .loneSurrogate: "Surrogates must stand in pairs"
        case .invalidEscape: "JSON has no such escape"
        case .invalidNumber: "JSON does not write numbers like this"
        case .numberOutOfRange:
            "A number must have at most 40 characters, be smaller than 1e308, have an exponent within ±308, and not be -0"
        }
    }
}
