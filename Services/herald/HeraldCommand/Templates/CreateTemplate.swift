import ArgumentParser
import Shared

/// `herald templates create`.
struct CreateTemplate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Keep a template.",
        discussion: """
            A text has variables like {{order}}. What a message must give is declared by --variable; first_name, name, \
            language, timezone and what is not declared come from the customer. A template of whatsapp lives at Meta: \
            --whatsapp-file says what it takes.

            Examples:
              herald templates create --code code --channel sms --body "Your code is {{code}}" --variable code
              herald templates create --code hi --channel email --language de --subject "Hallo {{first_name}}" \\
                --body-file hi.txt --html-file hi.html --variable first_name=Freund
              herald templates create --code order --channel whatsapp --language en_US \\
                --whatsapp-file order.json
            """
    )

    @Option(help: .init("What messages name it by.", valueName: "code"))
    var code: String

    @Option var channel: Channel

    @Option(help: .init("Its language; en when left out.", valueName: "tag"))
    var language: String?

    @OptionGroup var parts: TemplateParts
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        var body: JSONObject = ["code": .string(self.code), "channel": .string(self.channel.rawValue)]
        body["language"] = self.language.map { .string($0) }
        for part in try self.parts.object(in: session.context).members { body[part.name] = part.value }
        let client = try self.org.client(in: session)
        let answer = try await client(.post("/api/v1/templates", .object(body)))
        try self.output.show(answer, from: client, in: session) { TemplateText.of($0) }
    }
}
