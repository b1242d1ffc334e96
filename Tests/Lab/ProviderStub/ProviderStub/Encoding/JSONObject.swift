/// Writes one JSON object field by field.
///
/// The answers and ledger lines are on the hot path and have a fixed shape: writing them directly is several times
/// cheaper than `JSONEncoder`.
struct JSONObject {
    private var text = "{"
    private var isEmpty = true

    mutating func set(_ name: StaticString, _ value: String) {
        self.key(name)
        self.text.appendJSON(value)
    }

    /// Writes `null` for nil, because the providers send the field rather than leave it out.
    mutating func set(_ name: StaticString, _ value: String?) {
        if let value {
            self.set(name, value)
        } else {
            self.set(name, raw: "null")
        }
    }

    mutating func set(_ name: StaticString, _ value: Int) {
        self.set(name, raw: String(value))
    }

    /// Writes a value that is JSON already.
    mutating func set(_ name: StaticString, raw value: String) {
        self.key(name)
        self.text += value
    }

    /// Writes a field whose name came from a request.
    mutating func set(named name: String, _ value: String) {
        self.text += self.isEmpty ? "" : ","
        self.isEmpty = false
        self.text.appendJSON(name)
        self.text += ":"
        self.text.appendJSON(value)
    }

    consuming func finish() -> String {
        self.text + "}"
    }

    private mutating func key(_ name: StaticString) {
        self.text += self.isEmpty ? "\"" : ",\""
        self.isEmpty = false
        self.text += name.description
        self.text += "\":"
    }
}

extension String {
    /// Appends `value` as a JSON string (RFC 8259, section 7).
    mutating func appendJSON(_ value: String) {
        self += "\""
        if value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            self += value
        } else {
            for scalar in value.unicodeScalars {
                self.appendEscaped(scalar)
            }
        }
        self += "\""
    }

    private mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": self += "\\\""
        case "\\": self += "\\\\"
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            self += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: self.unicodeScalars.append(scalar)
        }
    }
}
