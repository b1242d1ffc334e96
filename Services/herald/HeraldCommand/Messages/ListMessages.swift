import ArgumentParser
import Shared

/// `herald messages list`.
struct ListMessages: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List messages, the newest first.",
        discussion: """
            Examples:
              herald messages list --status failed,skipped \\
                --created-after 2026-11-21T00:00:00Z
              herald messages list --reference order-17
              herald messages list --channel sms --all --json > sms.json
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("created_at", title: "created (utc)"), .member("channel"), .member("status"),
        .member("to"), .number("attempt_count", title: "attempts"), .member("error.code", title: "error"),
        .member("reference"),
    ]

    @Option(
        parsing: .singleValue,
        help: "A status, or several with commas: scheduled, queued, sending, uncertain, sent, …"
    )
    var status: [String] = []

    @OptionGroup var filters: MessageFilters

    @Option(help: "Sent by the organization, or received.")
    var direction: Direction?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    var query: [MessageFilter] {
        [MessageFilter]("status", anyOf: self.status) + self.filters.fields
            + [MessageFilter]("direction", self.direction?.rawValue)
    }

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/messages",
            query: self.query.parameters,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
