import ArgumentParser

/// `herald broadcasts recipients`.
struct ListRecipients: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "recipients",
        abstract: "List whom a broadcast is for, and what became of each.",
        discussion: """
            Examples:
              herald broadcasts recipients 019aa5e0-0000-7000-8000-000000000000 --all
              herald broadcasts recipients 019aa5e0-0000-7000-8000-000000000000 --state refused
            """
    )

    static let columns: [ResourceColumn] = [
        .number("number"), .member("to"), .member("customer_id", title: "customer"), .member("state"),
        .member("status"), .member("error_code", title: "error"), .member("refusal"),
        .member("message_id", title: "message"),
    ]

    @Argument(help: "The broadcast's id.")
    var id: String

    @Option(help: .init("Only these: pending, made or refused.", valueName: "state"))
    var state: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: BroadcastCalls(id: self.id).recipientsPath,
            query: self.state.map { [("state", $0)] } ?? [],
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
