import Shared

/// A JSON value on one line, for a person.
enum CellText {
    /// Texts without quotes, null as nothing, a list with commas, an object as `name=value`.
    static func of(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .bool(let value): value ? "yes" : "no"
        case .number(let number): number.text
        case .string(let text): PlainText.of(text)
        case .array(let elements):
            elements.contains { $0.object != nil || $0.array != nil }
                ? PlainText.of(value.text) : elements.map(self.of).joined(separator: ", ")
        case .object: self.pairs(value).map { "\($0.name)=\($0.text)" }.joined(separator: " ")
        }
    }

    /// The members of an object that have a value; those of objects within, under a name with a dot.
    static func pairs(_ value: JSONValue, under prefix: String = "") -> [(name: String, text: String)] {
        (value.object?.members ?? []).flatMap { member -> [(name: String, text: String)] in
            let name = prefix + PlainText.of(member.name)
            if member.value.object != nil { return self.pairs(member.value, under: name + ".") }
            let text = self.of(member.value)
            return text.isEmpty ? [] : [(name, text)]
        }
    }
}
