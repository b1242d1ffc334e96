import ArgumentParser

/// `herald messages retry`.
struct RetryMessages: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send failed messages again.",
        discussion: """
            One id answers with the message, several with what became of each; filters start a job, which is followed to \
            its end. The exit code is 1 when any was refused.

            Examples:
              herald messages retry 019aa5e0-0000-7000-8000-000000000000
              herald messages retry --status failed --error-code timeout \\
                --created-after 2026-11-21T00:00:00Z
            """
    )

    @OptionGroup var targets: MessageTargets
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let act = ActOnMessages(action: .retry, client: client, job: self.job, output: self.output)
        try await act(on: self.targets.selection, in: session)
    }
}
