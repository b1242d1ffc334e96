import ArgumentParser

/// `herald webhooks list`.
struct ListWebhooks: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the events that providers posted, the newest first.",
        discussion: """
            Examples:
              herald webhooks list --state failed
              herald webhooks list --kind message --received-after 2026-11-21T00:00:00Z --all --json
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("received_at", title: "received (utc)"), .member("provider"), .member("kind"),
        .member("state"), .number("attempts", title: "tries"), .member("event_key", title: "event"),
        .member("last_error", title: "error"),
    ]

    @OptionGroup var filters: WebhookFilters
    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/webhook-events",
            query: self.filters.fields,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
