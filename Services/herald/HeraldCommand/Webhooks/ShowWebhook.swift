import ArgumentParser

/// `herald webhooks show`.
struct ShowWebhook: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one event, and the webhook that brought it as it came.",
        discussion: """
            Example:
              herald webhooks show 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The event's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.get("/api/v1/webhook-events/\(APIRequest.encode(self.id))"))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
