import ArgumentParser

/// `herald queue restart`.
struct RestartWorkers: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Have all workers end what they are doing, and start again.",
        discussion: """
            Needs OPERATOR_KEY. Each worker finishes the messages it has and ends; its supervisor starts it again. \
            herald queue status --platform shows them.

            Example:
              herald queue restart
            """
    )

    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try session.operatorClient()
        let answer = try await client(.post("/api/v1/queue/restart"))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
