import ArgumentParser

/// `herald keys revoke`.
struct RevokeKey: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a key: it is refused from then on.",
        discussion: """
            Example:
              herald keys revoke 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The key's id, as herald keys list shows it; not the key itself.")
    var id: String

    @OptionGroup var org: OrgOption

    func validate() throws {
        // A key on the command line stands in the shell's history; and in a path it would stand in logs.
        guard !self.id.hasPrefix("hk_") else {
            throw ValidationError("Give the key's id, as herald keys list shows it, and not the key itself.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        _ = try await client(.delete("/api/v1/keys/\(APIRequest.encode(self.id))"))
        if session.context.device == .terminal { session.context.write("Revoked.\n") }
    }
}
