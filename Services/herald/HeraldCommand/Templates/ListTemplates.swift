import ArgumentParser
import Shared

/// `herald templates list`.
struct ListTemplates: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List templates, the newest first.",
        discussion: """
            Examples:
              herald templates list
              herald templates list --code shipped --channel email,sms
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .member("code"), .member("channel"), .member("language"), .member("version"),
        .time("updated_at", title: "updated (utc)"), .member("subject"),
    ]

    @Option(help: .init("Of this code.", valueName: "code"))
    var code: String?

    @Option(help: .init("Of these channels, with commas between them.", valueName: "channel"))
    var channel: String?

    @Option(help: .init("In this language.", valueName: "tag"))
    var language: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let filters = [("code", self.code), ("channel", self.channel), ("language", self.language)]
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/templates",
            query: filters.compactMap { name, value in value.map { (name, $0) } },
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
