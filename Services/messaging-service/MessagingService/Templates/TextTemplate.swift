/// A text with variables in double braces, as mustache writes them.
///
/// `{{name}}` stands for a value, `{{! why }}` for nothing. The rest of mustache is refused: sections, partials and lambdas can
/// repeat and include without end, other delimiters and `{{{name}}}` would go around the escaping of HTML. A value is put in
/// as it is and never read again: one with braces in it stays text.
struct TextTemplate: Sendable, Equatable {
    /// What a value is made of before it is put in.
    enum Place: Sendable {
        /// Nothing is done to it.
        case text
        /// One line, as a mail header needs it: a run of control characters and line ends becomes a space.
        case line
        case html
    }

    /// Why a text is no template.
    struct Fault: Error, Equatable {
        let detail: String
    }

    private enum Part: Sendable, Equatable {
        case text(String)
        case variable(String)
    }

    private let parts: [Part]
    /// The variables in the order in which they first stand, each once.
    let names: [String]

    init(_ text: String) throws(Fault) {
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        var names: [String] = []
        var start = 0
        while let open = bytes.pair(UInt8(ascii: "{"), from: start) {
            if open > start { parts.append(.text(String(decoding: bytes[start..<open], as: UTF8.self))) }
            guard let close = bytes.pair(UInt8(ascii: "}"), from: open + 2) else {
                throw Fault(detail: "has {{ without }} at \(Self.place(open, in: bytes))")
            }
            let tag = bytes[open + 2..<close]
            start = close + 2
            if tag.first == UInt8(ascii: "!") { continue }
            let name: String
            do throws(Fault) {
                name = try Self.name(in: String(decoding: tag, as: UTF8.self))
            } catch {
                throw Fault(detail: "\(error.detail), at \(Self.place(open, in: bytes))")
            }
            parts.append(.variable(name))
            if !names.contains(name) { names.append(name) }
            guard names.count <= Self.mostNames else {
                throw Fault(detail: "has more than \(Self.mostNames) variables")
            }
        }
        if start < bytes.count { parts.append(.text(String(decoding: bytes[start...], as: UTF8.self))) }
        self.parts = parts
        self.names = names
    }

    /// Different variables in one text.
    static let mostNames = 100

    /// - Parameters:
    ///   - values: of each variable; one that is missing is an error of the caller, and becomes nothing.
    ///   - place: where the text goes.
    ///   - limit: in Unicode scalars.
    /// - Returns: nil when the text would be longer than `limit`; nothing of that length is ever made.
    func rendered(with values: [String: String], for place: Place, atMost limit: Int) -> String? {
        let values = values.mapValues(place.prepared)
        var text = String.UnicodeScalarView()
        var count = 0
        for part in self.parts {
            let scalars =
                switch part {
                case .text(let text): text.unicodeScalars
                case .variable(let name): (values[name] ?? "").unicodeScalars
                }
            count += scalars.count
            guard count <= limit else { return nil }
            text.append(contentsOf: scalars)
        }
        return String(text)
    }

    private static func name(in tag: String) throws(Fault) -> String {
        switch tag.first {
        case "#", "^", "/": throw Fault(detail: "has a section: templates have variables only, and no loops")
        case ">", "<", "$", "*": throw Fault(detail: "includes another template: templates have variables only")
        case "{", "&": throw Fault(detail: "has a value without escaping: write {{name}}")
        case "=", "%": throw Fault(detail: "has an instruction: templates have variables only")
        default: break
        }
        let name = tag.trimmingSpaces
        guard VariableName.isValid(name) else {
            throw Fault(detail: "has no name of a variable (\(VariableName.rule))")
        }
        return VariableName.canonical(name)
    }

    /// Where a reader finds it: the character, counted from 1.
    private static func place(_ offset: Int, in bytes: [UInt8]) -> String {
        "character \(String(decoding: bytes[..<offset], as: UTF8.self).unicodeScalars.count + 1)"
    }
}

extension [UInt8] {
    /// Where `byte` next stands twice in a row.
    fileprivate func pair(_ byte: UInt8, from start: Int) -> Int? {
        var index = start
        while index + 1 < self.count {
            if self[index] == byte, self[index + 1] == byte { return index }
            index += 1
        }
        return nil
    }
}

/// What stands between the braces.
enum VariableName {
    static let rule = "a name has 1 to 100 letters, digits, spaces and _ - . and begins with a letter, a digit or _"

    static func isValid(_ name: String) -> Bool {
        guard (1...100).contains(name.unicodeScalars.count), let first = name.unicodeScalars.first else { return false }
        return (first.properties.isAlphabetic || first.properties.numericType != nil || first == "_")
            && name.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || " _-.".unicodeScalars.contains(scalar)
            }
    }

    /// As the replaced systems' templates write a customer's names, as we do.
    static func canonical(_ name: String) -> String {
        switch name {
        case "FirstName": "first_name"
        case "Name": "name"
        default: name
        }
    }
}

extension TextTemplate.Place {
    fileprivate func prepared(_ value: String) -> String {
        switch self {
        case .text: value
        case .line: value.onOneLine
        case .html: value.escapedForHTML
        }
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let rest = self.drop(while: isSpace)
        return String(
            rest.prefix(upTo: rest.lastIndex { !isSpace($0) }.map { rest.index(after: $0) } ?? rest.startIndex)
        )
    }

    /// Whether a mail header could end in it, or a line be broken: control characters and Unicode's line ends.
    var hasLineEnds: Bool { self.unicodeScalars.contains(where: Self.endsLine) }

    fileprivate var onOneLine: String {
        guard self.hasLineEnds else { return self }
        return self.unicodeScalars.split(whereSeparator: Self.endsLine).map { String($0) }.joined(separator: " ")
    }

    private static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }

    /// Every character that could end a text, an attribute in whatever quotes, or one without any.
    fileprivate var escapedForHTML: String {
        var escaped = String.UnicodeScalarView()
        for scalar in self.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "`": escaped.append(contentsOf: "&#96;".unicodeScalars)
            case "=": escaped.append(contentsOf: "&#61;".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}
