import ArgumentParser
import Shared

/// `herald queue status`.
struct ShowQueue: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Count unfinished messages by channel and status.",
        discussion: """
            "Late by" says how long the oldest has been due.

            Example:
              herald queue status
            """
    )

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.get("/api/v1/stats/queue"))
        let now = Timestamp.now
        try self.output.show(answer, from: client, in: session) { Self.table($0["data"]?.array ?? [], now: now) }
    }

    static func table(_ rows: [JSONValue], now: Timestamp) -> String {
        guard !rows.isEmpty else { return "The queue is empty.\n" }
        let late = ResourceColumn(shape: .init(title: "late by", alignment: .right)) { row in
            guard let due = row["oldest_due_at"]?.string.flatMap({ Timestamp($0) }), due < now else { return "-" }
            return ShortTime.of(now - due)
        }
        return TextTable.text(
            [
                .member("channel"), .member("status"), .number("count"),
                .time("oldest_due_at", title: "oldest due (utc)"), late,
            ],
            rows
        )
    }
}
