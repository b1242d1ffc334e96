/// A header's value with parameters: `form-data; name="text"` (RFC 9110, 5.6.6).
struct ParameterizedHeader {
    /// In lower case.
    let value: String
    /// By name in lower case; of a repeated one the first counts.
    private(set) var parameters: [String: String] = [:]

    init(_ text: String) {
        var rest = text.unicodeScalars[...]
        self.value = Self.token(&rest).lowercased()
        while rest.popFirst() != nil {
            let name = Self.token(&rest).lowercased()
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            let value = rest.first == "\"" ? Self.quoted(&rest) : Self.token(&rest)
            if self.parameters[name] == nil { self.parameters[name] = value }
            // What stands between a closing quote and the next semicolon means nothing.
            rest = rest.drop { $0 != ";" }
        }
    }

    /// Up to a semicolon or, in a parameter's name, the sign before its value; without the spaces around it.
    private static func token(_ rest: inout Substring.UnicodeScalarView) -> String {
        let token = rest.prefix { $0 != ";" && $0 != "=" }
        rest = rest[token.endIndex...]
        let words = token.drop { $0 == " " || $0 == "\t" }
        return words.lastIndex { $0 != " " && $0 != "\t" }.map { String(words[...$0]) } ?? ""
    }

    /// A backslash escapes a quote or itself; before anything else it is one, as in a file's path.
    private static func quoted(_ rest: inout Substring.UnicodeScalarView) -> String {
        rest.removeFirst()
        var text = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != "\"" {
            if scalar == "\\", let next = rest.first, next == "\"" || next == "\\" {
                rest.removeFirst()
                text.append(next)
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
