import ArgumentParser

/// `herald orgs show`.
struct ShowOrg: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one organization and its settings.",
        discussion: """
            With an id it needs OPERATOR_KEY; without one it is the organization of API_KEY.

            Examples:
              herald orgs show
              herald orgs show 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The organization's id.")
    var id: String?

    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let access = try OrgAccess(id: self.id, in: session)
        let answer = try await access.client(.get(access.path))
        try self.output.show(answer, from: access.client, in: session) { KeyValueList.text($0) }
    }
}
