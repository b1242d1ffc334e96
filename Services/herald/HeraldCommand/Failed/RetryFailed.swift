import ArgumentParser

/// `herald failed retry`.
struct RetryFailed: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Send failed messages again: some, those that match, or all.",
        discussion: """
            One id answers with the message, several with what became of each; filters and --all start a job, which is \
            followed to its end. The exit code is 1 when any was refused.

            Examples:
              herald failed retry 019aa5e0-0000-7000-8000-000000000000
              herald failed retry --channel sms --error-code timeout
              herald failed retry --all --no-wait
            """
    )

    @Argument(help: "The ids of failed messages.")
    var ids: [String] = []

    @Flag(help: "All that have failed.")
    var all = false

    @OptionGroup var filters: FailedFilters
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    var selection: MessageSelection {
        self.ids.isEmpty
            ? .matching([MessageFilter]("status", "failed") + self.filters.fields) : MessageSelection(ids: self.ids)
    }

    func validate() throws {
        try MessageSelection.check(ids: self.ids)
        let hasFilter = self.all || !self.filters.fields.isEmpty
        guard self.ids.isEmpty == hasFilter else {
            throw ValidationError("Give ids of messages, or filters, or --all; one of them.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let act = ActOnMessages(action: .retry, client: client, job: self.job, output: self.output)
        try await act(on: self.selection, in: session)
    }
}
