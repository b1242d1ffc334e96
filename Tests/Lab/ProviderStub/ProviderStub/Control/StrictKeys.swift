/// A key of any name.
private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) {
        self.stringValue = stringValue
    }

    init?(intValue: Int) {
        nil
    }
}

extension Decoder {
    /// The container of `Key`, unless the object has a field that `Key` does not know: a misspelt field must not pass
    /// for a missing one.
    func strictContainer<Key: CodingKey & CaseIterable>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        let known = Set(Key.allCases.map(\.stringValue))
        let unknown = try self.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue).filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw ControlFailure(
                "unknown field \(unknown.sorted().joined(separator: ", ")); known are \(known.sorted().joined(separator: ", "))"
            )
        }
        return try self.container(keyedBy: type)
    }
}

/// A control call that cannot be done, with what to change.
struct ControlFailure: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
