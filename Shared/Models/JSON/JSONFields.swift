/// Reads the fields of one JSON object, strictly, and gathers everything that is wrong with it.
///
///     var fields = JSONFields(value, at: "")
///     let name = fields.requiredString("name", 1...200)
///     let note = fields.string("note", 0...2000)
///     try fields.finish()
///     // From here on `name` is what the caller sent.
///
/// `null` counts as absent. A required field that is absent or wrong is a violation, and yields a value that nobody
/// sees as long as `finish()` is called before the values are used. Lengths count Unicode scalars.
package struct JSONFields {
    /// The most violations that one answer lists: its reader fixes the first few.
    private static let mostViolations = 50

    /// Where this object stands in the body: `""`, `/messages/3`.
    package let pointer: String
    package private(set) var violations: [Problem.Violation] = []
    let members: [JSONObject.Member]
    /// False where something else stood in the place of the object: then nothing more is said about its fields.
    let isObject: Bool
    private var isRead: [Bool]

    package init(_ value: JSONValue, at pointer: String) {
        self.pointer = pointer
        if case .object(let object) = value {
            self.members = object.members
            self.isObject = true
        } else {
            self.members = []
            self.isObject = false
        }
        self.isRead = Array(repeating: false, count: self.members.count)
        if !self.isObject { self.record(pointer, "must be an object, not \(value.kind)") }
    }

    /// Reads as an object without fields about which nothing is said.
    init(missingAt pointer: String) {
        self.pointer = pointer
        self.members = []
        self.isObject = false
        self.isRead = []
    }

    /// Adds a complaint of the operation's own.
    ///
    /// - Parameters:
    ///   - path: within this object, as names with `/` between them, without one in front: `to`, `retry/delays/0`; empty
    ///     for the object itself.
    ///   - detail: goes on after the field's name: `must be …`.
    package mutating func violation(at path: String, _ detail: String) {
        self.record(path.isEmpty ? self.pointer : "\(self.pointer)/\(path)", detail)
    }

    /// Ends the reading.
    ///
    /// - Throws: `Problem` `invalid-request` (422) with every violation, unknown fields included.
    package mutating func finish() throws(Problem) {
        self.refuseUnknownFields()
        guard self.violations.isEmpty else { throw .invalidRequest(self.violations) }
    }

    /// Whether the caller wrote this field at all, be it as `null`; for patches, where `null` removes.
    ///
    /// It counts as read by this.
    package mutating func isPresent(_ name: String) -> Bool {
        self.take(name) != nil
    }

    /// Any value but `null`.
    package mutating func value(_ name: String) -> JSONValue? {
        guard let value = self.take(name), value != .null else { return nil }
        return value
    }

    mutating func refuseUnknownFields() {
        for (index, member) in self.members.enumerated() where !self.isRead[index] {
            self.record(self.pointer(of: member.name), "is not a field of this resource")
        }
    }

    mutating func required<Value>(_ name: String, _ value: Value?, seen: Bool) -> Value? {
        if value == nil, !seen, self.isObject { self.record(self.pointer(of: name), "is required") }
        return value
    }

    mutating func take(_ name: String) -> JSONValue? {
        guard let index = self.members.firstIndex(where: { $0.name == name }) else { return nil }
        self.isRead[index] = true
        return self.members[index].value
    }

    mutating func record(_ pointer: String, _ detail: String) {
        guard self.violations.count < Self.mostViolations else { return }
        self.violations.append(.init(pointer: pointer, detail: detail))
    }

    mutating func adopt(_ violations: [Problem.Violation]) {
        for violation in violations { self.record(violation.pointer, violation.detail) }
    }

    /// A JSON Pointer (RFC 6901); names are cut at 100 characters, because callers choose those of unknown fields.
    func pointer(of name: String) -> String {
        let short =
            name.unicodeScalars.count > 100 ? String(String.UnicodeScalarView(name.unicodeScalars.prefix(100))) : name
        guard short.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
            return "\(self.pointer)/\(short)"
        }
        var escaped = ""
        for scalar in short.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "\(self.pointer)/\(escaped)"
    }
}

extension Problem {
    package static func invalidRequest(_ violations: [Violation]) -> Problem {
        Problem(
            code: "invalid-request",
            status: 422,
            title: "The request has fields that are not valid.",
            detail: violations.first.map { "\($0.pointer.isEmpty ? "The body" : $0.pointer) \($0.detail)." },
            violations: violations
        )
    }
}
