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
        help: .init("A status, or several with commas: scheduled, queued, sending, uncertain, sent, …")
    )
    var status: [String] = []

    @Option(parsing: .singleValue, help: "A channel, or several with commas.")
    var channel: [String] = []

    @Option(help: .init("Of this channel account.", valueName: "id"))
    var account: String?

    @Option(help: .init("To this customer.", valueName: "id"))
    var customer: String?

    @Option(help: .init("Of this conversation.", valueName: "id"))
    var conversation: String?

    @Option(help: .init("With this reference of yours.", valueName: "text"))
    var reference: String?

    @Option var direction: Direction?

    @Option(help: .init("Created after this time: ISO 8601 with a zone.", valueName: "time"))
    var createdAfter: String?

    @Option(help: .init("Created before this time: ISO 8601 with a zone.", valueName: "time"))
    var createdBefore: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    var query: [(name: String, value: String)] {
        let filters: [(name: String, value: String?)] = [
            ("status", self.status.isEmpty ? nil : self.status.joined(separator: ",")),
            ("channel", self.channel.isEmpty ? nil : self.channel.joined(separator: ",")),
            ("account_id", self.account), ("customer_id", self.customer), ("conversation_id", self.conversation),
            ("reference", self.reference), ("direction", self.direction?.rawValue),
            ("created_after", self.createdAfter), ("created_before", self.createdBefore),
        ]
        return filters.compactMap { filter in filter.value.map { (filter.name, $0) } }
    }

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/messages",
            query: self.query,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
