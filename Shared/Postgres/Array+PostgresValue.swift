/// One-dimensional arrays, for `unnest(\(ids)::uuid[])` and `= ANY (\(ids)::uuid[])`.
///
/// Text elements are quoted, so none can be read as `NULL`, a separator or a brace
/// (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO). Use `[Value?]` in `SQL` for arrays with NULLs.
extension Array: PostgresValue where Element: PostgresValue {
    package init?(postgresText: String) {
        guard let elements = arrayElements(of: postgresText) else { return nil }
        let values = elements.compactMap { $0.flatMap { Element(postgresText: $0) } }
        guard values.count == elements.count else { return nil }
        self = values
    }

    package var postgresText: String {
        arrayText(of: self) { element, literal in element.appendArrayElement(to: &literal) }
    }
}

/// Writes the literal of an array some of whose elements are NULL: `{"a",NULL}`.
func arrayText<Value: PostgresValue>(of values: [Value?]) -> String {
    arrayText(of: values) { value, literal in
        if let value {
            value.appendArrayElement(to: &literal)
        } else {
            literal.append(contentsOf: "NULL".utf8)
        }
    }
}

private func arrayText<Element>(of elements: [Element], _ append: (Element, inout [UInt8]) -> Void) -> String {
    var literal: [UInt8] = []
    // Enough for an array of UUIDs, the most frequent kind.
    literal.reserveCapacity(2 + 37 * elements.count)
    literal.append(UInt8(ascii: "{"))
    for element in elements {
        if literal.count > 1 { literal.append(UInt8(ascii: ",")) }
        append(element, &literal)
    }
    literal.append(UInt8(ascii: "}"))
    return String(decoding: literal, as: UTF8.self)
}

/// Appends `"it's \"b\""`.
func appendQuoted(_ text: String, to literal: inout [UInt8]) {
    literal.append(UInt8(ascii: "\""))
    let mustEscape = text.utf8.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
    guard mustEscape else {
        literal.append(contentsOf: text.utf8)
        literal.append(UInt8(ascii: "\""))
        return
    }
    for byte in text.utf8 {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { literal.append(UInt8(ascii: "\\")) }
        literal.append(byte)
    }
    literal.append(UInt8(ascii: "\""))
}

/// Reads an array literal as the server writes it; nil when it is not one, or has more than one dimension.
func arrayElements(of text: String) -> [String?]? {
    var bytes = text.utf8[...]
    guard bytes.popFirst() == UInt8(ascii: "{"), bytes.popLast() == UInt8(ascii: "}") else { return nil }
    var elements: [String?] = []
    while let first = bytes.first {
        if first == UInt8(ascii: "{") { return nil }
        if first == UInt8(ascii: "\"") {
            bytes.removeFirst()
            guard let element = popQuoted(from: &bytes) else { return nil }
            elements.append(element)
        } else {
            let element = bytes.prefix { $0 != UInt8(ascii: ",") }
            bytes = bytes[element.endIndex...]
            elements.append(element.elementsEqual("NULL".utf8) ? nil : String(decoding: element, as: UTF8.self))
        }
        guard let separator = bytes.popFirst() else { break }
        guard separator == UInt8(ascii: ","), !bytes.isEmpty else { return nil }
    }
    return elements
}

private func popQuoted(from bytes: inout Substring.UTF8View) -> String? {
    var element: [UInt8] = []
    while var byte = bytes.popFirst() {
        if byte == UInt8(ascii: "\"") { return String(decoding: element, as: UTF8.self) }
        if byte == UInt8(ascii: "\\") {
            guard let escaped = bytes.popFirst() else { return nil }
            byte = escaped
        }
        element.append(byte)
    }
    return nil
}
