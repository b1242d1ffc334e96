import ArgumentParser
import Shared

/// `herald clock advance`.
struct AdvanceClock: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "advance",
        abstract: "Put the clock of a sandbox organization forward.",
        discussion: """
            What becomes due on the way is done in its order, so that retries and schedules of days can be watched in a \
            moment. It never goes back.

            Examples:
              herald clock advance --by 7h21m
              herald clock advance --to 2026-12-01T09:00:00+01:00
            """
    )

    @Option(help: .init("By so much, like 90s, 15m or 7h21m.", valueName: "time"))
    var by: String?

    @Option(help: .init("To this time: ISO 8601 with a zone.", valueName: "time"))
    var to: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (self.by == nil) != (self.to == nil) else { throw ValidationError("Give --by or --to.") }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        var body = JSONObject()
        body["by"] = self.by.map { .string($0) }
        body["to"] = self.to.map { .string($0) }
        let answer = try await client(.post("/api/v1/clock/advance", .object(body)))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
