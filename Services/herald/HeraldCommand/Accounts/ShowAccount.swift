import ArgumentParser

/// `herald accounts show`.
struct ShowAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one channel account; its credentials are never shown.",
        discussion: """
            Example:
              herald accounts show 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.get("/api/v1/channel-accounts/\(APIRequest.encode(self.id))"))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
