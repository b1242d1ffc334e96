import ArgumentParser
import Shared

/// `herald conversations list`.
struct ListConversations: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List conversations, the most recently active first.",
        discussion: """
            Examples:
              herald conversations list --status open --unread
              herald conversations list --assignee ann@example.com
              herald conversations list --unassigned --channel whatsapp,sms
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("last_inbound_at", title: "last message (utc)"), .member("channel"), .member("address"),
        .member("status"), .number("unread_count", title: "unread"), .member("assignee"),
    ]

    @Option(parsing: .singleValue, help: "open or closed.")
    var status: [String] = []

    @Option(help: .init("Assigned to this person.", valueName: "name"))
    var assignee: String?

    @Flag(help: "Assigned to nobody.")
    var unassigned = false

    @Flag(help: "With unread messages.")
    var unread = false

    @Option(help: .init("With this customer.", valueName: "id"))
    var customer: String?

    @Option(help: .init("Of this channel account.", valueName: "id"))
    var account: String?

    @Option(parsing: .singleValue, help: "A channel, or several with commas.")
    var channel: [String] = []

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    var query: [MessageFilter] {
        [MessageFilter]("status", anyOf: self.status) + [MessageFilter]("assignee", self.assignee)
            + [MessageFilter]("unassigned", self.unassigned ? "true" : nil)
            + [MessageFilter]("unread", self.unread ? "true" : nil) + [MessageFilter]("customer_id", self.customer)
            + [MessageFilter]("account_id", self.account) + [MessageFilter]("channel", anyOf: self.channel)
    }

    func validate() throws {
        guard self.assignee == nil || !self.unassigned else {
            throw ValidationError("--assignee and --unassigned exclude each other.")
        }
    }

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/conversations",
            query: self.query.parameters,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
