import ArgumentParser
import Shared

/// `herald templates preview`.
struct PreviewTemplate: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "Show what a message of a template would say.",
        discussion: """
            What is missing or unknown is refused, as it would be of a message.

            Examples:
              herald templates preview 019aa5e0-0000-7000-8000-000000000000 --parameter order=17
              herald templates preview 019aa5e0-0000-7000-8000-000000000000 \\
                --customer 019aa5e0-0000-7000-8000-000000000001 --version 2
            """
    )

    @Argument(help: "The template's id.")
    var id: String

    @Option(
        name: .customLong("parameter"),
        help: .init("The value of a variable. May be repeated.", valueName: "name=value")
    )
    var parameters: [NamedValue] = []

    @Option(help: .init("Whose fields count.", valueName: "id"))
    var customer: String?

    @Option(name: .customLong("version"), help: .init("This version, instead of the newest.", valueName: "number"))
    var number: Int?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        var example = JSONObject()
        if !self.parameters.isEmpty { example["parameters"] = .object(try self.parameters.object(of: "--parameter")) }
        example["customer_id"] = self.customer.map { .string($0) }
        example["version"] = self.number.map { .number(JSONNumber($0)) }
        let client = try self.org.client(in: session)
        let path = "/api/v1/templates/\(APIRequest.encode(self.id))/preview"
        let answer = try await client(.post(path, .object(example)))
        try self.output.show(answer, from: client, in: session) { preview in
            let rendered = preview["rendered"] ?? .null
            return KeyValueList.text(preview, hiding: ["rendered"])
                + KeyValueList.text(rendered, hiding: ["subject", "body", "html"]) + TemplateText.texts(of: rendered)
        }
    }
}
