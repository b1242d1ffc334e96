import Shared

/// The value of a setting on the command line.
enum SettingValue {
    /// JSON where it is JSON, like 2.5, true, "1" in quotes or {"preset":"outbox"}; anything else is a text.
    static func of(_ text: String) -> JSONValue {
        (try? JSONValue(parsing: text)) ?? .string(text)
    }

    /// The same where a setting may be there already: nothing at all removes it, as null does.
    static func change(_ text: String) -> JSONValue {
        text.isEmpty ? .null : self.of(text)
    }
}
