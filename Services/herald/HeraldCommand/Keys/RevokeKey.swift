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

    @OptionGroup var key: KeyIDArgument
    @OptionGroup var org: OrgOption

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        _ = try await client(.delete(self.key.path))
        if session.context.device == .terminal { session.context.write("Revoked.\n") }
    }
}
