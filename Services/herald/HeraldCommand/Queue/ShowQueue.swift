import ArgumentParser
import Shared

/// `herald queue status`.
struct ShowQueue: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Count unfinished messages by channel and status, and say what is paused.",
        discussion: """
            "Late by" says how long the oldest has been due. Accounts through which nothing goes are shown with the \
            reason, and when they are tried next.

            Examples:
              herald queue status
              herald queue status --platform
            """
    )

    @OptionGroup var scope: QueueScope
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.scope.client(in: session)
        let answer = try await client(.get("/api/v1/queue"))
        try self.output.show(answer, from: client, in: session) { QueueText.of($0, now: session.context.now()) }
    }
}
