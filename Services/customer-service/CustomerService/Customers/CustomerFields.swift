import Shared

/// An organization's own fields of a customer: strings, numbers and booleans by name.
enum CustomerFields {
    static let most = 100
    static let nameCharacters = 1...100
    /// Of all together, as we encode them.
    static let bytes = 16 * 1024
    static let rule = "must have at most 100 fields and 16384 bytes"

    /// Reads the member `fields` of a body, as changes: `null` removes a field.
    static func read(_ fields: inout JSONFields) -> JSONObject? {
        guard let object = fields.object("fields", bytes: Self.bytes) else { return nil }
        for member in object.members {
            let name = member.name
            guard Self.nameCharacters.contains(name.unicodeScalars.count), !name.hasControlCharacters else {
                fields.violation(at: "fields", "must have names of 1 to 100 characters, without control characters")
                continue
            }
            switch member.value {
            case .string, .number, .bool, .null: continue
            case .array, .object:
                let place = name.replacing("~", with: "~0").replacing("/", with: "~1")
                let kind = member.value.kind
                fields.violation(at: "fields/\(place)", "must be a string, a number or a boolean, not \(kind)")
            }
        }
        return object
    }

    /// The fields with `changes` in them; nil when those are too many together.
    static func merge(_ changes: JSONObject, into current: JSONObject) -> JSONObject? {
        var merged = current
        for change in changes.members {
            // `nil` alone would be JSON's null.
            merged[change.name] = change.value.isNull ? JSONValue?.none : change.value
        }
        guard merged.count <= Self.most, JSONValue.object(merged).bytes.count <= Self.bytes else { return nil }
        return merged
    }
}

extension String {
    /// Whether something in it is no text: a new line, whichever, or an escape.
    var hasControlCharacters: Bool { !HeaderLine.isSafe(self) }
}

extension JSONFields {
    /// A string of one line.
    mutating func line(_ name: String, _ length: ClosedRange<Int>) -> String? {
        guard let text = self.string(name, length) else { return nil }
        guard !text.hasControlCharacters else {
            self.violation(at: name, "must not have control characters")
            return nil
        }
        return text
    }
}
