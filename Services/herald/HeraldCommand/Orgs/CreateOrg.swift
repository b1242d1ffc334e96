import ArgumentParser
import Shared

/// `herald orgs create`.
struct CreateOrg: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an organization.",
        discussion: """
            Needs OPERATOR_KEY. Next, make it a key: herald keys create --org ID --name server.

            Example:
              herald orgs create "Acme Ltd" --slug acme
            """
    )

    @Argument(help: "Its name, for people.")
    var name: String

    @Option(help: .init("A short unique name; made of the name when left out.", valueName: "text"))
    var slug: String?

    @Flag(help: "Everything it sends goes to the sandbox; fixed for ever.")
    var sandbox = false

    @OptionGroup var output: OutputOptions

    var body: JSONValue {
        var body: JSONObject = ["name": .string(self.name)]
        if let slug { body["slug"] = .string(slug) }
        if self.sandbox { body["sandbox"] = true }
        return .object(body)
    }

    func run(in session: Session) async throws {
        let client = try session.operatorClient()
        let answer = try await client(.post("/api/v1/orgs", self.body))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
