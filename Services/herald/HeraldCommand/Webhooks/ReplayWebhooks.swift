import ArgumentParser
import Shared

/// `herald webhooks replay`.
struct ReplayWebhooks: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Pass events on once more: one, those that match, or all that failed.",
        discussion: """
            They are read anew from the webhooks that brought them. What was applied before is not applied again.

            Examples:
              herald webhooks replay 019aa5e0-0000-7000-8000-000000000000
              herald webhooks replay --failed
              herald webhooks replay --received-after 2026-11-21T00:00:00Z --received-before 2026-11-22T00:00:00Z
            """
    )

    @Argument(help: "The event's id.")
    var id: String?

    @Flag(help: "All that have failed.")
    var failed = false

    @OptionGroup var filters: WebhookFilters
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let isFiltered = self.failed || !self.filters.fields.isEmpty
        guard (self.id != nil) != isFiltered else {
            throw ValidationError("Give the id of an event, or --failed, or another filter.")
        }
        guard !self.failed || self.filters.state == nil else {
            throw ValidationError("--failed and --state exclude each other.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        guard let id else { return try await self.replayMany(client, in: session) }
        let answer = try await client(.post("/api/v1/webhook-events/\(APIRequest.encode(id))/replay"))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }

    /// Call after call, each with what the one before it left.
    private func replayMany(_ client: APIClient, in session: Session) async throws {
        var fields = self.filters.fields
        if self.failed { fields.append(("state", "failed")) }
        var filter = JSONObject()
        for field in fields { filter[field.name] = .string(field.value) }
        var (count, next) = (0, String?.none)
        repeat {
            var body: JSONObject = ["filter": .object(filter)]
            if let next { body["after"] = .string(next) }
            let answer = try await client(.post("/api/v1/webhook-events/replay", .object(body)))
            guard let replayed = answer.json?["replayed"]?.int else { throw client.foreign(answer) }
            count += replayed
            next = answer.json?["next"]?.string
            if next != nil { session.context.warn("\(count) events so far\n") }
        } while next != nil
        switch self.output.format(in: session.context) {
        case .json: session.context.write((["replayed": .number(JSONNumber(count))] as JSONValue).text + "\n")
        case .table: session.context.write("\(count) events are passed on again.\n")
        }
    }
}
