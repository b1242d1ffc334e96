import ArgumentParser
import Shared

/// `herald accounts edit`.
struct EditAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a channel account: its name, settings or credentials.",
        discussion: """
            Settings change one by one; name= or name=null removes one. Credentials are replaced all together: give \
            every one that the provider needs (see herald accounts create --help), secrets in a file.

            Settings of every provider: rate_per_second, burst, max_in_flight, order_patience_seconds, retry; of \
            whatsapp_cloud also pair_interval_ms and enforce_window.

            Examples:
              herald accounts edit 019aa5e0-0000-7000-8000-000000000000 \\
                --setting rate_per_second=20 --setting burst=
              herald accounts edit 019aa5e0-0000-7000-8000-000000000000 \\
                --setting 'retry={"delays":["10s","1m"]}' --default
              herald accounts edit 019aa5e0-0000-7000-8000-000000000000 \\
                --credentials-file twilio.env
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @Option(help: .init("Another name.", valueName: "text"))
    var name: String?

    @OptionGroup var credentials: CredentialOptions

    @Option(
        name: .customLong("setting"),
        help: .init("A setting; without a value it is removed. May be repeated.", valueName: "name=value")
    )
    var settings: [NamedValue] = []

    @Flag(name: .customLong("default"), help: "Messages of the channel that name no account go through this one.")
    var isDefault = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let body = try self.body(in: session.context)
        let client = try self.org.client(in: session)
        let answer = try await client(.patch("/api/v1/channel-accounts/\(APIRequest.encode(self.id))", body))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }

    func body(in context: CommandContext) throws(CommandFailure) -> JSONValue {
        var body = JSONObject()
        body["name"] = self.name.map { .string($0) }
        body["credentials"] = try self.credentials.object(in: context).map { .object($0) }
        if !self.settings.isEmpty {
            body["settings"] = .object(try self.settings.object(of: "--setting", SettingValue.change))
        }
        if self.isDefault { body["is_default"] = true }
        guard !body.isEmpty else {
            throw .usage("Give what is to change: --name, --setting, --credentials-file or --default.")
        }
        return .object(body)
    }
}
