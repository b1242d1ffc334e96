import ArgumentParser

/// `herald audit list`.
struct ListAudit: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List who did what, the newest first.",
        discussion: """
            Examples:
              herald audit list --action UPDATED,DELETED
              herald audit list --entity 019aa5e0-0000-7000-8000-000000000000 --all --json
              herald audit list --actor operator
            """
    )

    static let columns: [ResourceColumn] = [
        .time("at", title: "at (utc)"), .member("actor"), .member("action"), .member("entity_type", title: "what"),
        .member("entity_id", title: "id"), .member("detail"), .member("request_id", title: "request"),
    ]

    @Option(help: .init("Only what was done to this: a message, a customer, an account, ….", valueName: "id"))
    var entity: String?

    @Option(help: "Only these, like CREATED,UPDATED.")
    var action: String?

    @Option(help: "Only what this one did: key:<id>, operator, engine or provider.")
    var actor: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let query = [("entity_id", self.entity), ("action", self.action), ("actor", self.actor)]
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/audit-events",
            query: query.compactMap { name, value in value.map { (name, $0) } },
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
