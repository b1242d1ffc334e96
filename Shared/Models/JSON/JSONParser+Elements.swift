extension JSONObject {
    /// Reads one object whose member `name` is an array too long to be held at once: each element is given away when it has been
    /// read, and the member is left out of the object.
    ///
    /// Otherwise as strict as `JSONValue(parsing:)`; the limit of values counts for each element, and for all else together.
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte order mark.
    ///   - name: of a member of the outermost object; one that is no array stays in it.
    ///   - maximumDepth: of arrays and objects; the outermost is 1.
    ///   - element: gets the elements in their order, with their places from 0 on.
    /// - Throws: `JSONSyntaxError`, also for a body that is no object; what `element` throws.
    package init(
        parsing bytes: [UInt8],
        elementsOf name: String,
        maximumDepth: Int = Limits.jsonDepth,
        element: (Int, JSONValue) throws -> Void
    ) throws {
        var parser = JSONParser(bytes: bytes, maximumDepth: maximumDepth, unstorable: .refused)
        self = try parser.object(elementsOf: name, element)
    }
}

extension JSONParser {
    fileprivate mutating func object(
        elementsOf name: String,
        _ element: (Int, JSONValue) throws -> Void
    ) throws -> JSONObject {
        if self.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw self.error(.byteOrderMark) }
        self.skipSpace()
        guard self.position < self.bytes.count else { throw self.error(.empty) }
        guard try self.take(UInt8(ascii: "{")) else { throw self.error(.unexpectedCharacter) }
        let object = JSONObject(distinct: try self.members(elementsOf: name, element))
        self.skipSpace()
        guard self.position == self.bytes.count else { throw self.error(.secondValue) }
        return object
    }

    private mutating func members(
        elementsOf name: String,
        _ element: (Int, JSONValue) throws -> Void
    ) throws -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        var (names, hasElements): (Set<String>, Bool) = ([], false)
        self.skipSpace()
        if try self.take(UInt8(ascii: "}")) { return members }
        while true {
            let start = self.position
            guard try self.peek() == UInt8(ascii: "\"") else { throw self.error(.unexpectedCharacter) }
            let found = try self.string()
            let isNew = Self.isNew(found, among: members, &names) && !(found == name && hasElements)
            guard isNew else { throw self.error(.duplicateName, at: start) }
            self.skipSpace()
            guard try self.take(UInt8(ascii: ":")) else { throw self.error(.unexpectedCharacter) }
            self.skipSpace()
            if found == name, try self.peek() == UInt8(ascii: "[") {
                hasElements = true
                try self.elements(element)
            } else {
                members.append(.init(name: found, value: try self.value(depth: 1)))
            }
            if try self.ends(with: UInt8(ascii: "}")) { return members }
        }
    }

    private mutating func elements(_ element: (Int, JSONValue) throws -> Void) throws {
        let counted = self.valueCount
        var place = 0
        self.position += 1
        self.skipSpace()
        if try self.take(UInt8(ascii: "]")) { return }
        while true {
            self.valueCount = 0
            try element(place, try self.value(depth: 2))
            place += 1
            if try self.ends(with: UInt8(ascii: "]")) { break }
        }
        self.valueCount = counted
    }
}
