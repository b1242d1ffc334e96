extension JSONValue {
    /// Reads exactly one JSON value (RFC 8259), and refuses what other readers would understand differently.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte order mark.
    ///   - maximumDepth: of arrays and objects; the outermost is 1.
    ///   - unstorable: what to do with escapes that no text of ours can hold.
    /// - Throws: for duplicate names (also when spelt by escapes), NUL, lone surrogates, and all that RFC 8259 forbids.
    package init(
        parsing bytes: [UInt8],
        maximumDepth: Int = Limits.jsonDepth,
        unstorable: UnstorableEscapes = .refused
    ) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth, unstorable: unstorable)
        self = try parser.document()
    }

    /// Reads `text` as `init(parsing:maximumDepth:)` reads bytes.
    package init(parsing text: String, maximumDepth: Int = Limits.jsonDepth) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }
}

/// NUL and lone surrogates, spelt as escapes: Postgres stores neither.
package enum UnstorableEscapes: Sendable {
    case refused
    /// By U+FFFD: for what a third party passes on of what a person typed, where refusing would lose all the rest.
    case replaced
}

/// One pass over the bytes, without looking back.
struct JSONParser {
    let bytes: [UInt8]
    let maximumDepth: Int
    let unstorable: UnstorableEscapes
    var position = 0
    var valueCount = 0

    /// Up to here, comparing a new name with each earlier one is cheaper than hashing them all.
    private static let fewMembers = 16

    init(bytes: [UInt8], maximumDepth: Int, unstorable: UnstorableEscapes) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.unstorable = unstorable
    }

    mutating func document() throws(JSONSyntaxError) -> JSONValue {
        if self.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw self.error(.byteOrderMark) }
        self.skipSpace()
        guard self.position < self.bytes.count else { throw self.error(.empty) }
        let value = try self.value(depth: 0)
        self.skipSpace()
        guard self.position == self.bytes.count else { throw self.error(.secondValue) }
        return value
    }

    func error(_ kind: JSONSyntaxError.Kind, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(kind: kind, offset: offset ?? self.position)
    }

    /// The next byte, which stays.
    func peek() throws(JSONSyntaxError) -> UInt8 {
        guard self.position < self.bytes.count else { throw self.error(.unexpectedEnd) }
        return self.bytes[self.position]
    }

    mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        self.valueCount += 1
        guard self.valueCount <= Limits.jsonValues else { throw self.error(.tooManyValues) }
        let byte = try self.peek()
        switch byte {
        case UInt8(ascii: "\""):
            return .string(try self.string())
        case UInt8(ascii: "{"):
            return .object(try self.object(depth: depth + 1))
        case UInt8(ascii: "["):
            return .array(try self.array(depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try self.number())
        case UInt8(ascii: "t"):
            try self.take(word: "true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.take(word: "false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.take(word: "null")
            return .null
        case 0:
            throw self.error(.nul)
        default:
            throw self.error(.unexpectedCharacter)
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        guard depth <= self.maximumDepth else { throw self.error(.tooDeep) }
        self.position += 1
        var elements: [JSONValue] = []
        self.skipSpace()
        if try self.take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try self.value(depth: depth))
            if try self.ends(with: UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        guard depth <= self.maximumDepth else { throw self.error(.tooDeep) }
        self.position += 1
        var members: [JSONObject.Member] = []
        var names: Set<String> = []
        self.skipSpace()
        if try self.take(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            let start = self.position
            guard try self.peek() == UInt8(ascii: "\"") else { throw self.error(.unexpectedCharacter) }
            let name = try self.string()
            guard Self.isNew(name, among: members, &names) else { throw self.error(.duplicateName, at: start) }
            self.skipSpace()
            guard try self.take(UInt8(ascii: ":")) else { throw self.error(.unexpectedCharacter) }
            self.skipSpace()
            members.append(.init(name: name, value: try self.value(depth: depth)))
            if try self.ends(with: UInt8(ascii: "}")) { return JSONObject(distinct: members) }
        }
    }

    /// Swift's `==` also calls names equal that differ in Unicode normalization only; to refuse those is on the safe side.
    static func isNew(_ name: String, among members: [JSONObject.Member], _ names: inout Set<String>) -> Bool {
        if members.count < Self.fewMembers { return !members.contains { $0.name == name } }
        if names.isEmpty { names = Set(members.map(\.name)) }
        return names.insert(name).inserted
    }

    /// Reads the comma or the closing bracket after an element.
    mutating func ends(with bracket: UInt8) throws(JSONSyntaxError) -> Bool {
        self.skipSpace()
        if try self.take(bracket) { return true }
        let comma = self.position
        guard try self.take(UInt8(ascii: ",")) else { throw self.error(.unexpectedCharacter) }
        self.skipSpace()
        if try self.peek() == bracket { throw self.error(.trailingComma, at: comma) }
        return false
    }

    mutating func take(_ byte: UInt8) throws(JSONSyntaxError) -> Bool {
        guard try self.peek() == byte else { return false }
        self.position += 1
        return true
    }

    private mutating func take(word: StaticString) throws(JSONSyntaxError) {
        let expected = word.description.utf8
        guard self.bytes[self.position...].starts(with: expected) else {
            throw self.error(.unexpectedCharacter)
        }
        self.position += expected.count
    }

    mutating func skipSpace() {
        while self.position < self.bytes.count {
            switch self.bytes[self.position] {
            case 0x20, 0x0A, 0x0D, 0x09: self.position += 1
            default: return
            }
        }
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = self.position
        while self.position < self.bytes.count, Self.isPartOfNumber(self.bytes[self.position]) { self.position += 1 }
        let literal = self.bytes[start..<self.position]
        let text = String(decoding: literal, as: UTF8.self)
        guard let number = JSONNumber(text) else {
            throw self.error(JSONNumber.isWritten(like: text) ? .numberOutOfRange : .invalidNumber, at: start)
        }
        return number
    }

    private static func isPartOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
