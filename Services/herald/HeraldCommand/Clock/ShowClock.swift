import ArgumentParser

/// `herald clock show`.
struct ShowClock: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what time it is for a sandbox organization.",
        discussion: """
            Example:
              herald clock show
            """
    )

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.get("/api/v1/clock"))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
