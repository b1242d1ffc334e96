import ArgumentParser
import Shared

/// `herald customers create`.
struct CreateCustomer: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a customer.",
        discussion: """
            An address belongs to one customer. Groups that are missing are made.

            Examples:
              herald customers create --name "Ann Lee" --phone +14155550100
              herald customers create --email ann@example.com --language de --timezone Europe/Berlin \\
                --field tier=gold --field age=41 --group vip
            """
    )

    @Option(help: .init("The whole name.", valueName: "text"))
    var name: String?

    @Option(help: .init("The name in a greeting.", valueName: "text"))
    var firstName: String?

    @Option(help: .init("A telephone number with its country. May be repeated.", valueName: "number"))
    var phone: [String] = []

    @Option(help: .init("An email address. May be repeated.", valueName: "address"))
    var email: [String] = []

    @Option(help: .init("A WhatsApp number or business-scoped user id. May be repeated.", valueName: "id"))
    var whatsapp: [String] = []

    @Option(help: .init("Your own id of the customer. May be repeated.", valueName: "id"))
    var externalID: [String] = []

    @Option(help: .init("A time zone, like Europe/Berlin.", valueName: "name"))
    var timezone: String?

    @Option(help: .init("A language, like en or pt-BR.", valueName: "tag"))
    var language: String?

    @Option(
        name: .customLong("field"),
        help: .init("A field of your own; a number, true and false are JSON. May be repeated.", valueName: "name=value")
    )
    var fields: [NamedValue] = []

    @Option(name: .customLong("group"), help: .init("A group, by name. May be repeated.", valueName: "name"))
    var groups: [String] = []

    @Flag(help: "Known for a while, by the address only.")
    var guest = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (try? self.body()) != [:] else {
            throw ValidationError("Give what is known of the customer, like --name or --phone.")
        }
    }

    func run(in session: Session) async throws {
        let body = try self.body()
        let client = try self.org.client(in: session)
        let answer = try await client(.post("/api/v1/customers", body))
        try self.output.show(answer, from: client, in: session) { CustomerText.of($0) }
    }

    func body() throws(CommandFailure) -> JSONValue {
        var body = JSONObject()
        body["name"] = self.name.map { .string($0) }
        body["first_name"] = self.firstName.map { .string($0) }
        let identities = [
            ("phone", self.phone), ("email", self.email), ("whatsapp", self.whatsapp), ("external", self.externalID),
        ].flatMap { kind, values in
            values.map { value -> JSONValue in ["kind": .string(kind), "value": .string(value)] }
        }
        if !identities.isEmpty { body["identities"] = .array(identities) }
        body["timezone"] = self.timezone.map { .string($0) }
        body["language"] = self.language.map { .string($0) }
        if !self.fields.isEmpty { body["fields"] = .object(try self.fields.object(of: "--field", SettingValue.of)) }
        if !self.groups.isEmpty { body["groups"] = .array(self.groups.map { .string($0) }) }
        if self.guest { body["guest"] = true }
        return .object(body)
    }
}
