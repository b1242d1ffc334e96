import ArgumentParser

/// `herald broadcasts list`.
struct ListBroadcasts: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List broadcasts, the newest first.",
        discussion: """
            Examples:
              herald broadcasts list
              herald broadcasts list --status running,paused
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .member("name"), .member("channel"), .member("status"),
        .number("progress.recipients", title: "recipients"), .number("progress.messages", title: "messages"),
        .number("progress.refused", title: "refused"), .time("created_at", title: "created (utc)"),
    ]

    @Option(help: .init("Where they stand, with commas between them.", valueName: "status"))
    var status: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/broadcasts",
            query: self.status.map { [("status", $0)] } ?? [],
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
