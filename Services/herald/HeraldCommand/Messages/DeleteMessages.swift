import ArgumentParser

/// `herald messages delete`.
struct DeleteMessages: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete messages, and what is known of them.",
        discussion: """
            Not while they are being sent. Filters start a job, which is followed to its end; they are confirmed first, \
            with --yes where there is no terminal to ask at. The exit code is 1 when any was refused.

            Examples:
              herald messages delete 019aa5e0-0000-7000-8000-000000000000
              herald messages delete --status cancelled,expired \\
                --created-before 2026-01-01T00:00:00Z --yes
            """
    )

    @OptionGroup var targets: MessageTargets
    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        switch self.targets.selection {
        case .one, .several: break
        case .matching:
            try await self.confirm.check(in: session.context) {
                "All messages that match will be gone, with what is known of them. Delete them?"
            }
        }
        let act = ActOnMessages(action: .delete, client: client, job: self.job, output: self.output)
        try await act(on: self.targets.selection, in: session)
    }
}
