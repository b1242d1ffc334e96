import Shared

/// A message's timeline as a table.
enum TimelineText {
    /// Reads `{"data": [{"at", "type", "attempt", "state", "detail"}]}`, in the order of time.
    static func of(_ timeline: JSONValue) -> String {
        let entries = timeline["data"]?.array ?? []
        let start = entries.first.flatMap(self.time)
        let after = ResourceColumn(shape: .init(title: "after", alignment: .right)) { entry in
            guard let start, let time = self.time(of: entry) else { return "-" }
            return ShortTime.of(time - start)
        }
        return TextTable.text(
            [
                .time("at", title: "time (utc)"), after, .member("type", title: "event"), .number("attempt"),
                .member("state", title: "status"), .member("detail"),
            ],
            entries
        )
    }

    private static func time(of entry: JSONValue) -> Timestamp? {
        entry["at"]?.string.flatMap { Timestamp($0) }
    }
}
