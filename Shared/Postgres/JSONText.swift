/// JSON as text, for `\(text)::jsonb` and columns of `json` or `jsonb`.
///
/// The text goes to the server as it is: whoever makes one has encoded it.
package struct JSONText: Sendable, Hashable, PostgresValue {
    package let text: String

    package init(text: String) {
        self.text = text
    }

    package init?(postgresText: String) { self.init(text: postgresText) }
    package var postgresText: String { self.text }
}
