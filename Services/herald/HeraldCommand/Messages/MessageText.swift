import Shared

/// A message as a person reads it.
enum MessageText {
    private static let attempts: [ResourceColumn] = [
        .number("number", title: "attempt"), .member("outcome"), .time("started_at", title: "started (utc)"),
        .time("ended_at", title: "ended (utc)"), .member("error.code", title: "error"),
        .member("error.detail", title: "detail"), .time("next_retry_at", title: "next try (utc)"), .member("worker"),
    ]
    private static let gates: [ResourceColumn] = [.member("gate"), .member("verdict"), .member("detail")]

    /// The members, then the attempts or, of a dry run, the gates.
    static func of(_ message: JSONValue) -> String {
        var text = KeyValueList.text(message, hiding: ["attempts", "gates", "rendered", "org_id"])
        if let attempts = message["attempts"]?.array, !attempts.isEmpty {
            text += "\n" + TextTable.text(self.attempts, attempts)
        }
        if let rendered = message["rendered"] {
            text += "\nRendered:\n" + KeyValueList.text(rendered)
        }
        if let gates = message["gates"]?.array {
            text += "\n" + TextTable.text(self.gates, gates)
        }
        return text
    }
}
