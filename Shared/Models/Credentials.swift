/// The secrets of one channel account, as its provider needs them.
///
/// They travel only inside the private network, to the process that uses them, and are never logged.
package struct Credentials: Sendable, Equatable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    private let values: [String: String]

    package init(_ values: [String: String]) {
        self.values = values
    }

    package subscript(name: String) -> String? { self.values[name] }

    /// Those of `names` only, for a process that needs no more.
    package func only(_ names: Set<String>) -> Credentials {
        Credentials(self.values.filter { names.contains($0.key) })
    }

    /// `text` with `…` for each value that stands in it; short ones, like a port, are no secrets.
    package func redact(_ text: String) -> String {
        self.values.values.filter { $0.utf8.count >= Self.secretBytes }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: "…") }
    }

    private static let secretBytes = 6

    package init(from decoder: any Decoder) throws {
        self.values = try decoder.singleValueContainer().decode([String: String].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(self.values)
    }

    /// Says nothing, whoever prints it.
    package var description: String { "Credentials(…)" }
    package var debugDescription: String { self.description }
}
