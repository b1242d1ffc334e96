extension JSONFields {
    /// A string of `length` Unicode scalars.
    package mutating func string(_ name: String, _ length: ClosedRange<Int>) -> String? {
        guard let value = self.value(name) else { return nil }
        guard case .string(let text) = value else { return self.wrong(name, "must be a string, not \(value.kind)") }
        guard Self.hasLength(text, length) else {
            return self.wrong(name, "must have \(Self.words(length)) characters")
        }
        return text
    }

    package mutating func requiredString(_ name: String, _ length: ClosedRange<Int>) -> String {
        let before = self.violations.count
        let value = self.string(name, length)
        return self.required(name, value, seen: self.violations.count > before) ?? ""
    }

    /// One of the raw values of an enum; the violation lists them.
    package mutating func oneOf<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) -> Value? {
        guard let value = self.value(name) else { return nil }
        guard case .string(let text) = value, let choice = Value(rawValue: text) else {
            let choices = Value.allCases.map(\.rawValue).joined(separator: ", ")
            return self.wrong(name, "must be one of \(choices)")
        }
        return choice
    }

    package mutating func requiredOneOf<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String,
        _ type: Value.Type
    ) -> Value {
        let before = self.violations.count
        let value = self.oneOf(name, type)
        return self.required(name, value, seen: self.violations.count > before)
            ?? Value.allCases[Value.allCases.startIndex]
    }

    package mutating func int(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = self.value(name) else { return nil }
        guard let number = value.int, range.contains(number) else {
            return self.wrong(name, "must be an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package mutating func requiredInt(_ name: String, _ range: ClosedRange<Int>) -> Int {
        let before = self.violations.count
        let value = self.int(name, range)
        return self.required(name, value, seen: self.violations.count > before) ?? range.lowerBound
    }

    package mutating func bool(_ name: String) -> Bool? {
        guard let value = self.value(name) else { return nil }
        guard let flag = value.bool else { return self.wrong(name, "must be true or false") }
        return flag
    }

    package mutating func id<Entity>(_ name: String, of type: Entity.Type) -> ID<Entity>? {
        guard let value = self.value(name) else { return nil }
        guard let id = value.string.flatMap({ ID<Entity>($0) }) else {
            return self.wrong(name, "must be an id: a UUID of 36 characters")
        }
        return id
    }

    package mutating func requiredID<Entity>(_ name: String, of type: Entity.Type) -> ID<Entity> {
        let before = self.violations.count
        let value = self.id(name, of: type)
        return self.required(name, value, seen: self.violations.count > before) ?? ID.new()
    }

    package mutating func timestamp(_ name: String) -> Timestamp? {
        guard let value = self.value(name) else { return nil }
        guard let time = value.string.flatMap({ Timestamp($0) }) else {
            return self.wrong(name, "must be a time with a zone, like 2026-12-01T09:00:00+01:00")
        }
        return time
    }

    package mutating func requiredTimestamp(_ name: String) -> Timestamp {
        let before = self.violations.count
        let value = self.timestamp(name)
        return self.required(name, value, seen: self.violations.count > before) ?? Timestamp(microseconds: 0)
    }

    mutating func wrong<Value>(_ name: String, _ detail: String) -> Value? {
        self.record(self.pointer(of: name), detail)
        return nil
    }

    /// Counts scalars only where the bytes do not decide already.
    static func hasLength(_ text: String, _ length: ClosedRange<Int>) -> Bool {
        let bytes = text.utf8.count
        guard bytes >= length.lowerBound else { return false }
        if length.lowerBound <= 1, bytes <= length.upperBound { return true }
        return length.contains(text.unicodeScalars.count)
    }

    static func words(_ range: ClosedRange<Int>) -> String {
        if range.lowerBound == range.upperBound { return "exactly \(range.lowerBound)" }
        return range.lowerBound == 0 ? "at most \(range.upperBound)" : "\(range.lowerBound) to \(range.upperBound)"
    }
}
