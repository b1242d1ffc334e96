import Shared

/// A queue as a person reads it: an organization's, or that of all with the workers.
enum QueueText {
    private static let accounts: [ResourceColumn] = [
        .member("id", title: "account"), .member("name"), .member("channel"), .member("state"), .member("reason"),
    ]

    static func of(_ queue: JSONValue, now: Timestamp) -> String {
        var text = self.pauses(of: queue)
        let rows = queue["data"]?.array ?? []
        text += rows.isEmpty ? "The queue is empty.\n" : TextTable.text(self.columns(of: queue, now: now), rows)
        let closed = (queue["accounts"]?.array ?? []).filter { $0["state"]?.string != "open" }
        if !closed.isEmpty {
            let probe = self.span("next_probe_at", title: "next probe in") { $0 - now }
            text += "\n" + TextTable.text(self.accounts + [probe], closed)
        }
        if let workers = queue["workers"]?.array { text += "\n" + self.workers(workers, now: now) }
        return text
    }

    private static func workers(_ workers: [JSONValue], now: Timestamp) -> String {
        guard !workers.isEmpty else { return "There is no worker.\n" }
        let seen = self.span("beat_at", title: "last seen") { now - $0 }
        return TextTable.text([.member("name", title: "worker"), .member("alive"), seen], workers)
    }

    /// How long the message has been due that has been due for the longest; nil when none is.
    static func oldestAge(in queue: JSONValue, now: Timestamp) -> Duration? {
        (queue["data"]?.array ?? []).compactMap { self.time($0, "oldest_due_at") }.min().flatMap { due in
            due < now ? now - due : nil
        }
    }

    private static func pauses(of queue: JSONValue) -> String {
        var text = ""
        if queue["paused"]?.bool == true {
            let since = queue["paused_at"]?.string.map { " since \(ShortTime.of(PlainText.of($0))) UTC" } ?? ""
            let by = queue["paused_by"]?.string.map { " by \(PlainText.of($0))" } ?? ""
            text += "Paused\(since)\(by): herald queue continue\n"
        }
        if queue["platform_paused"]?.bool == true { text += "The operator has paused the whole installation.\n" }
        return text.isEmpty ? "" : text + "\n"
    }

    private static func columns(of queue: JSONValue, now: Timestamp) -> [ResourceColumn] {
        let late = self.span("oldest_due_at", title: "late by") { $0 < now ? now - $0 : nil }
        let rows: [ResourceColumn] = [
            .member("channel"), .member("status"), .number("count"), .time("oldest_due_at", title: "oldest due (utc)"),
            late,
        ]
        return queue["workers"] == nil ? rows : [.member("org_id", title: "org")] + rows
    }

    private static func span(
        _ name: String,
        title: String,
        _ span: @escaping @Sendable (Timestamp) -> Duration?
    ) -> ResourceColumn {
        ResourceColumn(shape: .init(title: title, alignment: .right)) { row in
            self.time(row, name).flatMap(span).map { ShortTime.of($0) } ?? "-"
        }
    }

    private static func time(_ row: JSONValue, _ name: String) -> Timestamp? {
        row[name]?.string.flatMap { Timestamp($0) }
    }
}
