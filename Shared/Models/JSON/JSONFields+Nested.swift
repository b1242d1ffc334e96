extension JSONFields {
    /// An object of any fields, of at most `bytes` in our encoding; nil for no limit of its own.
    package mutating func object(_ name: String, bytes: Int? = nil) -> JSONObject? {
        guard let value = self.value(name) else { return nil }
        guard case .object(let object) = value else { return self.wrong(name, "must be an object, not \(value.kind)") }
        if let bytes, value.bytes.count > bytes { return self.wrong(name, "must have at most \(bytes) bytes") }
        return object
    }

    package mutating func requiredObject(_ name: String, bytes: Int? = nil) -> JSONObject {
        let before = self.violations.count
        let value = self.object(name, bytes: bytes)
        return self.required(name, value, seen: self.violations.count > before) ?? JSONObject()
    }

    /// An array of any elements.
    package mutating func array(_ name: String, _ count: ClosedRange<Int>) -> [JSONValue]? {
        guard let value = self.value(name) else { return nil }
        guard case .array(let elements) = value else { return self.wrong(name, "must be an array, not \(value.kind)") }
        guard count.contains(elements.count) else {
            return self.wrong(name, "must have \(Self.words(count)) elements")
        }
        return elements
    }

    package mutating func requiredArray(_ name: String, _ count: ClosedRange<Int>) -> [JSONValue] {
        let before = self.violations.count
        let value = self.array(name, count)
        return self.required(name, value, seen: self.violations.count > before) ?? []
    }

    /// An array of `count` strings, each of `length` Unicode scalars.
    package mutating func strings(
        _ name: String,
        _ count: ClosedRange<Int>,
        _ length: ClosedRange<Int>
    ) -> [String]? {
        guard let elements = self.array(name, count) else { return nil }
        var strings: [String] = []
        strings.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element, Self.hasLength(text, length) else {
                self.record(
                    "\(self.pointer(of: name))/\(index)",
                    "must be a string of \(Self.words(length)) characters"
                )
                continue
            }
            strings.append(text)
        }
        return strings
    }

    /// Reads the object `name` with `read`; its violations and unknown fields become ours.
    package mutating func nested<Value>(_ name: String, _ read: (inout JSONFields) -> Value) -> Value? {
        guard let value = self.value(name) else { return nil }
        return self.read(value, at: self.pointer(of: name), read)
    }

    /// Like `nested`, but the field must be there.
    package mutating func requiredNested<Value>(_ name: String, _ read: (inout JSONFields) -> Value) -> Value {
        if let value = self.nested(name, read) { return value }
        let pointer = self.pointer(of: name)
        if self.isObject { self.record(pointer, "is required") }
        var missing = JSONFields(missingAt: pointer)
        return read(&missing)
    }

    /// Reads each object of the array `name` with `read`; their violations and unknown fields become ours.
    package mutating func each<Value>(
        _ name: String,
        _ count: ClosedRange<Int>,
        _ read: (inout JSONFields) -> Value
    ) -> [Value]? {
        guard let elements = self.array(name, count) else { return nil }
        let pointer = self.pointer(of: name)
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            values.append(self.read(element, at: "\(pointer)/\(index)", read))
        }
        return values
    }

    /// Like `each`, but the field must be there.
    package mutating func requiredEach<Value>(
        _ name: String,
        _ count: ClosedRange<Int>,
        _ read: (inout JSONFields) -> Value
    ) -> [Value] {
        let before = self.violations.count
        let values = self.each(name, count, read)
        return self.required(name, values, seen: self.violations.count > before) ?? []
    }

    private mutating func read<Value>(
        _ value: JSONValue,
        at pointer: String,
        _ read: (inout JSONFields) -> Value
    ) -> Value {
        var fields = JSONFields(value, at: pointer)
        let result = read(&fields)
        fields.refuseUnknownFields()
        self.adopt(fields.violations)
        return result
    }
}
