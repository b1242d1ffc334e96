import ArgumentParser
import Shared

/// `herald templates update`.
struct UpdateTemplate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change what a template says, which makes a new version.",
        discussion: """
            What is not given stays as it is; variables are replaced all together. Messages that were made keep what they \
            say.

            Examples:
              herald templates update 019aa5e0-0000-7000-8000-000000000000 --body "Your code: {{code}}"
              herald templates update 019aa5e0-0000-7000-8000-000000000000 --remove html
            """
    )

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case subject, body, html, variables
    }

    @Argument(help: "The template's id.")
    var id: String

    @OptionGroup var parts: TemplateParts

    @Option(help: "A part that it is to have no more. May be repeated.")
    var remove: [Part] = []

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        var change = try self.parts.object(in: session.context)
        for part in self.remove {
            guard change[part.rawValue] == nil else {
                throw CommandFailure.usage("\(part.rawValue) is given and removed; do one of the two.")
            }
            change[part.rawValue] = .some(.null)
        }
        guard !change.isEmpty else {
            throw CommandFailure.usage("Give what is to change, like --body, --html-file, --variable or --remove.")
        }
        let client = try self.org.client(in: session)
        let answer = try await client(.patch("/api/v1/templates/\(APIRequest.encode(self.id))", .object(change)))
        try self.output.show(answer, from: client, in: session) { TemplateText.of($0) }
    }
}
