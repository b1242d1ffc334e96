import ArgumentParser
import Shared

/// `herald scheduled list`.
struct ListScheduled: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List scheduled messages, the newest first.",
        discussion: """
            Example:
              herald scheduled list --channel email --all
            """
    )

    @OptionGroup var filters: MessageFilters
    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/messages",
            query: ScheduledMessages.filters(self.filters).parameters,
            options: self.list,
            columns: ScheduledMessages.columns(now: session.context.now())
        )
        try await list(as: self.output, in: session)
    }
}
