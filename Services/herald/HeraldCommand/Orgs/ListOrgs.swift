import ArgumentParser

/// `herald orgs list`.
struct ListOrgs: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the organizations.",
        discussion: """
            Needs OPERATOR_KEY.

            Example:
              herald orgs list --all
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .member("slug"), .member("name"), .member("suspended"), .member("sms_verified"),
        .member("sandbox"),
        .time("created_at", title: "created (utc)"),
    ]

    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try session.operatorClient(),
            path: "/api/v1/orgs",
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
