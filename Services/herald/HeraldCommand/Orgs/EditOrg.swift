import ArgumentParser
import Shared

/// `herald orgs edit`.
struct EditOrg: APICommand {
    enum Suspension: String, EnumerableFlag {
        case suspend, unsuspend

        static func help(for value: Suspension) -> ArgumentHelp? {
            switch value {
            case .suspend: "Refuse its keys."
            case .unsuspend: "Let its keys in again."
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change an organization: its name, its settings, what it may do.",
        discussion: """
            With an id it needs OPERATOR_KEY; without one it is the organization of API_KEY, of which name and settings \
            can be changed.

            Settings change one by one; name= or name=null removes one. Herald itself knows retry, retention_days and \
            retention_action (remove or archive); others are yours.

            Examples:
              herald orgs edit --setting retention_days=90
              herald orgs edit 019aa5e0-0000-7000-8000-000000000000 \\
                --setting 'retry={"preset":"outbox"}' --setting tier=
              herald orgs edit 019aa5e0-0000-7000-8000-000000000000 --suspend
              herald orgs edit 019aa5e0-0000-7000-8000-000000000000 --per-second 500 --burst 1000
            """
    )

    @Argument(help: "The organization's id.")
    var id: String?

    @Option(help: .init("Another name.", valueName: "text"))
    var name: String?

    @Flag(exclusivity: .exclusive)
    var suspension: Suspension?

    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Whether it may send text messages.")
    var smsVerified: Bool?

    @Option(
        name: .customLong("setting"),
        help: .init("A setting; without a value it is removed. May be repeated.", valueName: "name=value")
    )
    var settings: [NamedValue] = []

    @OptionGroup var limit: RateLimitOptions

    @Flag(help: "Take its own limit of requests away; that of the installation stays.")
    var noLimit = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        let isOperators =
            self.suspension != nil || self.smsVerified != nil || self.limit.perSecond != nil || self.noLimit
        guard self.id != nil || !isOperators else {
            throw ValidationError(
                "--suspend, --unsuspend, --sms-verified, --per-second and --no-limit need the id of an organization."
            )
        }
        guard !self.noLimit || self.limit.perSecond == nil else {
            throw ValidationError("Give --per-second or --no-limit.")
        }
    }

    var body: JSONValue {
        get throws(CommandFailure) {
            var body = JSONObject()
            body["name"] = self.name.map { .string($0) }
            body["suspended"] = self.suspension.map { .bool($0 == .suspend) }
            body["sms_verified"] = self.smsVerified.map { .bool($0) }
            body["rate_limit"] = self.noLimit ? JSONValue.null : self.limit.value
            if !self.settings.isEmpty {
                body["settings"] = .object(try self.settings.object(of: "--setting", SettingValue.change))
            }
            guard !body.isEmpty else {
                throw .usage(
                    "Give what is to change: --name, --setting, --suspend, --unsuspend, --sms-verified or --per-second."
                )
            }
            return .object(body)
        }
    }

    func run(in session: Session) async throws {
        let body = try self.body
        let access = try OrgAccess(id: self.id, in: session)
        let answer = try await access.client(.patch(access.path, body))
        try self.output.show(answer, from: access.client, in: session) { KeyValueList.text($0) }
    }
}
