import ArgumentParser
import Shared

/// `herald scheduled run`.
struct RunScheduled: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Say what is scheduled and what is overdue; with --now send it at once.",
        discussion: """
            Herald sends scheduled messages by itself when they are due: nothing has to run for that. --now sends them \
            before their time; it asks first, and where there is no terminal to ask at it needs --yes.

            Examples:
              herald scheduled run
              herald scheduled run --now --reference spring
              herald scheduled run --now --yes
            """
    )

    @Flag(help: "Send them now, instead of at their time.")
    var now = false

    @OptionGroup var filters: MessageFilters
    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var job: JobOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard self.now || (!self.confirm.yes && !self.job.noWait) else {
            throw ValidationError("--yes and --no-wait are for --now.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let filters = ScheduledMessages.filters(self.filters)
        guard self.now else {
            let messages = try await ScheduledMessages.read(filters, with: client, in: session)
            switch self.output.format(in: session.context) {
            case .json: session.context.write(messages.json.text + "\n")
            case .table: session.context.write(messages.text(now: session.context.now()))
            }
            return
        }
        try await self.confirm.check(in: session.context) {
            let count = try await ScheduledMessages.read(filters, with: client, in: session).count
            return "\(count) messages are scheduled. Send them now, before their time?"
        }
        let act = ActOnMessages(action: .sendNow, client: client, job: self.job, output: self.output)
        try await act(on: .matching(filters), in: session)
    }
}
