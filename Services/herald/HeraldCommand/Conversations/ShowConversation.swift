import ArgumentParser
import Shared

/// `herald conversations show`.
struct ShowConversation: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one conversation, and what happened in it lately.",
        discussion: """
            As JSON it is the conversation; with --activities its latest activities.

            Examples:
              herald conversations show 019aa5e0-0000-7000-8000-000000000000
              herald conversations show 019aa5e0-0000-7000-8000-000000000000 --activities --json
            """
    )

    /// Activities that are shown.
    static let latest = 50

    static let columns: [ResourceColumn] = [
        .time("at", title: "time (utc)"), .member("type", title: "activity"), .member("actor", title: "by"),
        .member("message_id", title: "message"), .member("detail"),
    ]

    @Argument(help: "The conversation's id.")
    var id: String

    @Flag(help: "Only what happened in it, the newest first.")
    var activities = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let calls = ConversationCalls(id: self.id)
        if self.activities {
            let answer = try await client(calls.activities(limit: Self.latest))
            try self.output.show(answer, from: client, in: session) { try Self.text(of: $0, answer, client) }
            return
        }
        let conversation = try await client(calls.show)
        let activities: String
        switch self.output.format(in: session.context) {
        case .json: activities = ""
        case .table:
            let answer = try await client(calls.activities(limit: Self.latest))
            activities = try Self.text(of: try client.json(answer), answer, client)
        }
        try self.output.show(conversation, from: client, in: session) { KeyValueList.text($0) + "\n" + activities }
    }

    private static func text(of page: JSONValue, _ answer: APIAnswer, _ client: APIClient) throws -> String {
        guard let activities = page["data"]?.array else { throw client.foreign(answer) }
        return TextTable.text(Self.columns, activities)
    }
}
