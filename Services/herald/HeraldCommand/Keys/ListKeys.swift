import ArgumentParser

/// `herald keys list`.
struct ListKeys: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys, without their secrets.",
        discussion: """
            Examples:
              herald keys list
              herald keys list --org 019aa5e0-0000-7000-8000-000000000000
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .member("name"), .member("mode"), .member("scopes"), .time("created_at", title: "created (utc)"),
        .time("expires_at", title: "expires (utc)"), .time("revoked_at", title: "revoked (utc)"),
    ]

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let access = try KeyAccess(org: self.org.org, in: session)
        let list = ListResources(client: access.client, path: access.path, options: self.list, columns: Self.columns)
        try await list(as: self.output, in: session)
    }
}
