import Shared

/// What is waiting for its time.
struct ScheduledMessages {
    /// Pages between two words about how far the count is.
    private static let pagesPerWord = 25

    private(set) var count = 0
    /// Those whose time has passed, and which are still there.
    private(set) var overdue: [JSONValue] = []
    /// The earliest time that is still to come.
    private(set) var next: Timestamp?

    static func filters(_ filters: MessageFilters) -> [MessageFilter] {
        [MessageFilter]("status", MessageStatus.scheduled.rawValue) + filters.fields
    }

    static func columns(now: Timestamp) -> [ResourceColumn] {
        let wait = ResourceColumn(shape: .init(title: "due in", alignment: .right)) { message in
            self.time(of: message).map { ShortTime.of($0 - now) } ?? "-"
        }
        return [
            .member("id"), .time("scheduled_at", title: "scheduled (utc)"), wait, .member("channel"), .member("to"),
            .member("reference"),
        ]
    }

    /// Reads all that match.
    static func read(_ filters: [MessageFilter], with client: APIClient, in session: Session) async throws -> Self {
        let pages = ListPages(client: client, path: "/api/v1/messages", query: filters.parameters)
        let now = session.context.now()
        var messages = Self()
        var cursor: String?
        var read = 0
        repeat {
            let page = try await pages.page(after: cursor, limit: Limits.pageElements.upperBound)
            for message in page.resources { messages.add(message, now: now) }
            cursor = page.next
            read += 1
            if cursor != nil, read % Self.pagesPerWord == 0 {
                session.context.warn("herald: \(messages.count) scheduled messages so far\n")
            }
        } while cursor != nil
        return messages
    }

    private mutating func add(_ message: JSONValue, now: Timestamp) {
        self.count += 1
        guard let time = Self.time(of: message) else { return }
        if time < now { self.overdue.append(message) } else { self.next = min(self.next ?? time, time) }
    }

    var json: JSONValue {
        [
            "scheduled": .number(JSONNumber(self.count)),
            "next_at": self.next.map { .string($0.description) } ?? .null, "overdue": .array(self.overdue),
        ]
    }

    func text(now: Timestamp) -> String {
        guard self.count > 0 else { return "Nothing is scheduled.\n" }
        var text = self.count == 1 ? "1 message is scheduled" : "\(self.count) messages are scheduled"
        if let next { text += ", the next for \(ShortTime.of(next.description)) UTC, in \(ShortTime.of(next - now))" }
        text += ".\nHerald sends each by itself when its time has come; --now sends them at once.\n"
        guard !self.overdue.isEmpty else { return text }
        return text
            + "\nOverdue: \(self.overdue.count). Is the queue paused, or no worker alive? See herald queue status.\n"
            + TextTable.text(Self.columns(now: now), self.overdue)
    }

    private static func time(of message: JSONValue) -> Timestamp? {
        message["scheduled_at"]?.string.flatMap { Timestamp($0) }
    }
}
