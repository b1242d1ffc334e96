import ArgumentParser

/// `herald jobs list`.
struct ListJobs: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the jobs, the newest first.",
        discussion: """
            Example:
              herald jobs list
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("created_at", title: "created (utc)"), .member("action"), .member("status"),
        .number("total"), .number("processed"), .number("changed"), .number("refused"),
        .time("finished_at", title: "finished (utc)"), .member("filter"),
    ]

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/jobs",
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
