import ArgumentParser
import Shared

/// `herald templates delete`.
struct DeleteTemplate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove a template with its versions.",
        discussion: """
            Messages that were made of it keep what they say. It is confirmed first, with --yes where there is no terminal \
            to ask at.

            Example:
              herald templates delete 019aa5e0-0000-7000-8000-000000000000 --yes
            """
    )

    @Argument(help: "The template's id.")
    var id: String

    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var org: OrgOption

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        try await self.confirm.check(in: session.context) { "The template will be gone with its versions. Delete it?" }
        _ = try await client(.delete("/api/v1/templates/\(APIRequest.encode(self.id))"))
        if session.context.device == .terminal { session.context.write("Deleted.\n") }
    }
}
