import ArgumentParser
import Shared

/// `herald accounts delete`.
struct DeleteAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an account by which nothing is to be sent any more.",
        discussion: """
            Its credentials are destroyed and its name is free again; messages that were sent by it keep their history. While \
            messages or broadcasts are still to be sent by it, it is refused: cancel them first. It is confirmed first, with \
            --yes where there is no terminal to ask at.

            Example:
              herald accounts delete 019aa5e0-0000-7000-8000-000000000000 --yes
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var org: OrgOption

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        try await self.confirm.check(in: session.context) {
            "The account will be gone with its credentials. Delete it?"
        }
        _ = try await client(.delete("/api/v1/channel-accounts/\(APIRequest.encode(self.id))"))
        if session.context.device == .terminal { session.context.write("Deleted.\n") }
    }
}
