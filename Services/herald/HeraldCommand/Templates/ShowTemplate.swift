import ArgumentParser
import Shared

/// `herald templates show`.
struct ShowTemplate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one template, an older version of it, or which versions it has.",
        discussion: """
            Examples:
              herald templates show 019aa5e0-0000-7000-8000-000000000000
              herald templates show 019aa5e0-0000-7000-8000-000000000000 --version 2
              herald templates show 019aa5e0-0000-7000-8000-000000000000 --versions
            """
    )

    static let columns: [ResourceColumn] = [
        .member("version"), .time("created_at", title: "created (utc)"), .member("actor"),
    ]

    @Argument(help: "The template's id.")
    var id: String

    @Option(name: .customLong("version"), help: .init("This version, instead of the newest.", valueName: "number"))
    var number: Int?

    @Flag(help: "When each version was made, and by whom.")
    var versions = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard self.number == nil || !self.versions else {
            throw ValidationError("--version shows one, --versions lists them: give one of the two.")
        }
    }

    func run(in session: Session) async throws {
        let path = "/api/v1/templates/\(APIRequest.encode(self.id))"
        let client = try self.org.client(in: session)
        guard !self.versions else {
            let answer = try await client(.get("\(path)/versions"))
            return try self.output.show(answer, from: client, in: session) {
                TextTable.text(Self.columns, $0["data"]?.array ?? [])
            }
        }
        let query = self.number.map { [(name: "version", value: "\($0)")] } ?? []
        let answer = try await client(.get(path, query: query))
        try self.output.show(answer, from: client, in: session) { TemplateText.of($0) }
    }
}
