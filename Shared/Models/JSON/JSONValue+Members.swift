extension JSONValue {
    /// What has a text, as that; null where there is nothing.
    package static func text(_ value: (some LosslessStringConvertible)?) -> JSONValue {
        value.map { .string($0.description) } ?? .null
    }

    /// An object of members whose names differ, without looking for repetitions.
    package static func object(members: some Sequence<(String, JSONValue)>) -> JSONValue {
        .object(JSONObject(distinct: members.map { JSONObject.Member(name: $0.0, value: $0.1) }))
    }
}
