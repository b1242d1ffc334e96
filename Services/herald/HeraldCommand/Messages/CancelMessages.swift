import ArgumentParser

/// `herald messages cancel`.
struct CancelMessages: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Withdraw messages that have not been sent.",
        discussion: """
            One id answers with the message, several with what became of each; filters start a job, which is followed to \
            its end. The exit code is 1 when any was refused.

            Examples:
              herald messages cancel 019aa5e0-0000-7000-8000-000000000000
              herald messages cancel --status scheduled,queued --reference order-17
              herald messages cancel --status queued --channel sms --no-wait
            """
    )

    @OptionGroup var targets: MessageTargets
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let act = ActOnMessages(action: .cancel, client: client, job: self.job, output: self.output)
        try await act(on: self.targets.selection, in: session)
    }
}
