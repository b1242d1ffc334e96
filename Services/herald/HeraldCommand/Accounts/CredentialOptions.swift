import ArgumentParser
import Shared

/// What an account needs to be let in at its provider.
struct CredentialOptions: ParsableArguments {
    @Option(
        name: .customLong("credential"),
        help: .init("A credential that is no secret. May be repeated.", valueName: "name=value")
    )
    var credentials: [NamedValue] = []

    @Option(help: .init("A file of credentials; - for standard input.", valueName: "file"))
    var credentialsFile: String?

    /// All of them together; nil when none is given.
    func object(in context: CommandContext) throws(CommandFailure) -> JSONObject? {
        let secrets = self.credentials.map(\.name).filter(CredentialsFile.secretNames.contains)
        if !secrets.isEmpty {
            context.warn(
                """
                herald: warning: \(secrets.joined(separator: ", ")) stood on the command line, where other users and the \
                shell's history can see it; --credentials-file keeps it away from them.

                """
            )
        }
        var credentials = try self.credentials.object(of: "--credential")
        if let path = self.credentialsFile {
            for member in try CredentialsFile.read(path, in: context).members {
                guard credentials[member.name] == nil else {
                    throw .usage("\(PlainText.of(member.name)) stands in --credential and in the file; give it once.")
                }
                credentials[member.name] = member.value
            }
        }
        return credentials.isEmpty ? nil : credentials
    }
}
