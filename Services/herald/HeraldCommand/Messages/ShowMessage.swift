import ArgumentParser

/// `herald messages show`.
struct ShowMessage: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one message, its attempts and its timeline.",
        discussion: """
            As JSON it is the message with its attempts; with --timeline the timeline.

            Examples:
              herald messages show 019aa5e0-0000-7000-8000-000000000000
              herald messages show 019aa5e0-0000-7000-8000-000000000000 --timeline --json
            """
    )

    @Argument(help: "The message's id.")
    var id: String

    @Flag(help: "Only the timeline: why the message is where it is.")
    var timeline = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let reading = MessageReading(client: client, id: self.id)
        if self.timeline {
            let answer = try await reading.timeline()
            try self.output.show(answer, from: client, in: session) { TimelineText.of($0) }
            return
        }
        let message = try await reading.message()
        let timeline =
            switch self.output.format(in: session.context) {
            case .json: ""
            case .table: TimelineText.of(try client.json(try await reading.timeline()))
            }
        try self.output.show(message, from: client, in: session) { MessageText.of($0) + "\n" + timeline }
    }
}
