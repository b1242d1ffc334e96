import ArgumentParser

/// `herald accounts resume`.
struct ResumeAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Send through a parked account again, at once.",
        discussion: """
            Also where the provider refused the account, and the next probe would come later.

            Example:
              herald accounts resume 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(AccountGate(id: self.id).resume)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
