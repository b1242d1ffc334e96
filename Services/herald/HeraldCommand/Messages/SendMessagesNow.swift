import ArgumentParser

/// `herald messages send-now`.
struct SendMessagesNow: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "send-now",
        abstract: "Send messages now that wait for a time.",
        discussion: """
            For those that are scheduled, or wait for their next attempt. One id answers with the message, several with \
            what became of each; filters start a job, which is followed to its end. The exit code is 1 when any was \
            refused.

            Examples:
              herald messages send-now 019aa5e0-0000-7000-8000-000000000000
              herald messages send-now --status scheduled --reference spring
            """
    )

    @OptionGroup var targets: MessageTargets
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let act = ActOnMessages(action: .sendNow, client: client, job: self.job, output: self.output)
        try await act(on: self.targets.selection, in: session)
    }
}
