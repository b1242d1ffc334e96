import ArgumentParser

/// `herald accounts list`.
struct ListAccounts: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the channel accounts.",
        discussion: """
            Example:
              herald accounts list
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .member("channel"), .member("provider"), .member("name"),
        .member("is_default", title: "default"), .member("blocked.reason", title: "blocked"),
        .time("created_at", title: "created (utc)"),
    ]

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/channel-accounts",
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
