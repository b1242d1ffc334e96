import Shared

/// One filter of messages, by the API's name for it.
struct MessageFilter: Equatable {
    let name: String
    /// Those of which a message must have one.
    let values: [String]
}

extension [MessageFilter] {
    /// No filter at all when there is no value.
    init(_ name: String, _ value: String?) {
        self = value.map { [MessageFilter(name: name, values: [$0])] } ?? []
    }

    /// Takes several values, each option with one or, with commas, more of them.
    init(_ name: String, anyOf texts: [String]) {
        let values = texts.flatMap { $0.split(separator: ",").map(String.init) }
        self = values.isEmpty ? [] : [MessageFilter(name: name, values: values)]
    }

    /// For the query of a list.
    var parameters: [(name: String, value: String)] {
        self.map { ($0.name, $0.values.joined(separator: ",")) }
    }

    /// For the body of an operation on all messages that match.
    var json: JSONValue {
        var object = JSONObject()
        for filter in self {
            let values = filter.values.map { JSONValue.string($0) }
            object[filter.name] = values.count == 1 ? values[0] : .array(values)
        }
        return .object(object)
    }
}
