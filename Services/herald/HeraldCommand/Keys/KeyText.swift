import Shared

/// A key that was just made, for people.
enum KeyText {
    static func made(_ key: JSONValue) -> String {
        KeyValueList.text(key, hiding: ["secret"]) + "\n"
            + "API_KEY=\(ResourceColumn.text(key, at: "secret"))\n"
            + "Keep it now: it is not shown again.\n"
    }
}
