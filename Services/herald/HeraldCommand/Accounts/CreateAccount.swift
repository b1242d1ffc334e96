import ArgumentParser
import Shared

/// `herald accounts create`.
struct CreateAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Set up a channel account.",
        discussion: """
            Credentials by provider:
              whatsapp_cloud  access_token, phone_number_id, app_secret, verify_token
              twilio          account_sid, auth_token, and from or messaging_service_sid
              smtp            host, port, tls (none, starttls, implicit), from; username, password,
                              from_name, reply_to
              sendgrid        api_key, from; from_name, reply_to, webhook_public_key
              http            url, secret
              sandbox         none

            Secrets on a command line are seen by every user of the machine, and kept in the shell's history: write them \
            into a file of name=value lines, or of one JSON object, and give --credentials-file; - is standard input.

            Examples:
              herald accounts create --channel sandbox --provider sandbox --name demo
              herald accounts create --channel sms --provider twilio --name main \\
                --credentials-file twilio.env --default
              pass show smtp | herald accounts create --channel email --provider smtp \\
                --name mail --credentials-file - --setting rate_per_second=20
            """
    )

    @Option var channel: Channel
    @Option var provider: ProviderKind

    @Option(help: .init("A name, for people; unique among the channel's accounts.", valueName: "text"))
    var name: String

    @OptionGroup var credentials: CredentialOptions

    @Option(
        name: .customLong("setting"),
        help: .init(
            "A setting, like rate_per_second=10; a number, true, false, [...] and {...} are JSON. May be repeated.",
            valueName: "name=value"
        )
    )
    var settings: [NamedValue] = []

    @Flag(name: .customLong("default"), help: "Messages of the channel that name no account go through this one.")
    var isDefault = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let body = try self.body(in: session.context)
        let client = try self.org.client(in: session)
        let answer = try await client(.post("/api/v1/channel-accounts", body))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }

    func body(in context: CommandContext) throws(CommandFailure) -> JSONValue {
        var body: JSONObject = [
            "channel": .string(self.channel.rawValue), "provider": .string(self.provider.rawValue),
            "name": .string(self.name),
        ]
        body["credentials"] = try self.credentials.object(in: context).map { .object($0) }
        if !self.settings.isEmpty {
            body["settings"] = .object(try self.settings.object(of: "--setting", SettingValue.of))
        }
        if self.isDefault { body["is_default"] = true }
        return .object(body)
    }
}
