import Shared

/// A resource as a list of its members, one to a line.
enum KeyValueList {
    /// Shows every member that has a value, without those named by `hidden`, which are shown elsewhere.
    static func text(_ resource: JSONValue, hiding hidden: Set<String> = []) -> String {
        let pairs = CellText.pairs(resource).filter { pair in
            !hidden.contains(String(pair.name.prefix { $0 != "." }))
        }
        let width = pairs.map(\.name.count).max() ?? 0
        return pairs.map { pair in
            pair.name + String(repeating: " ", count: width - pair.name.count) + "  " + pair.text + "\n"
        }.joined()
    }
}
