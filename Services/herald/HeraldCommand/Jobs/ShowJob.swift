import ArgumentParser

/// `herald jobs show`.
struct ShowJob: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show how far a job is.",
        discussion: """
            With --wait it is shown at its end, and the exit code is 1 when it was refused some of its messages; how far \
            it is goes to standard error.

            Examples:
              herald jobs show 019aa5e0-0000-7000-8000-000000000000
              herald jobs show 019aa5e0-0000-7000-8000-000000000000 --wait
            """
    )

    @Argument(help: "The job's id.")
    var id: String

    @Flag(help: "Wait until it is done.")
    var wait = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let follow = FollowJob(client: client, id: self.id)
        let job = try await client(.get(follow.path))
        guard self.wait else {
            try self.output.show(job, from: client, in: session) { KeyValueList.text($0) }
            return
        }
        try await follow(from: job, as: self.output, in: session)
    }
}
