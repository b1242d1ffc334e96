import ArgumentParser
import Shared

/// `name=value`; the value is taken as it is, further equals signs included.
struct NamedValue: ExpressibleByArgument, Equatable {
    let name: String
    let value: String

    init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        self.init(name: String(argument[..<equals]), value: String(argument[argument.index(after: equals)...]))
    }
}

extension [NamedValue] {
    /// - Throws: `CommandFailure` when a name stands twice.
    func object(
        of option: String,
        _ value: (String) -> JSONValue = { .string($0) }
    ) throws(CommandFailure) -> JSONObject {
        var object = JSONObject()
        for pair in self {
            guard object[pair.name] == nil else {
                throw .usage("\(option) gives \(PlainText.of(pair.name)) twice; give it once.")
            }
            object[pair.name] = value(pair.value)
        }
        return object
    }
}
