import ArgumentParser
import Shared

/// `herald keys edit`.
struct EditKey: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a key's name, or how many requests it may make.",
        discussion: """
            What a key may do is fixed: make another one for that.

            Examples:
              herald keys edit 019aa5e0-0000-7000-8000-000000000000 --per-second 100 --burst 200
              herald keys edit 019aa5e0-0000-7000-8000-000000000000 --no-limit
            """
    )

    @OptionGroup var key: KeyIDArgument

    @Option(help: .init("Another name.", valueName: "text"))
    var name: String?

    @OptionGroup var limit: RateLimitOptions

    @Flag(help: "Take its own limit away; that of its organization stays.")
    var noLimit = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !self.noLimit || self.limit.perSecond == nil else {
            throw ValidationError("Give --per-second or --no-limit.")
        }
    }

    var body: JSONValue {
        get throws(CommandFailure) {
            var body = JSONObject()
            body["name"] = self.name.map { .string($0) }
            body["rate_limit"] = self.noLimit ? JSONValue.null : self.limit.value
            guard !body.isEmpty else { throw .usage("Give what is to change: --name, --per-second or --no-limit.") }
            return .object(body)
        }
    }

    func run(in session: Session) async throws {
        let body = try self.body
        let client = try self.org.client(in: session)
        let answer = try await client(.patch(self.key.path, body))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
