import ArgumentParser
import Shared

/// `herald customers sends`.
struct CountSends: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "sends",
        abstract: "Say how many messages somebody got, as far as the cap counts them.",
        discussion: """
            Of a customer by id, or of whoever has an address. It also says when there is room for the next message.

            Examples:
              herald customers sends 019aa5e0-0000-7000-8000-000000000000
              herald customers sends --to +15551234567 --channel sms
            """
    )

    @Argument(help: "The customer's id.")
    var id: String?

    @Option(help: "An address in the place of an id; needs --channel.")
    var to: String?

    @Option(help: "The channel that the address belongs to.")
    var channel: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (self.id == nil) != (self.to == nil) else {
            throw ValidationError("Name either a customer by its id, or an address by --to.")
        }
        guard (self.to == nil) == (self.channel == nil) else {
            throw ValidationError("--to and --channel go together.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(self.request)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }

    private var request: APIRequest {
        if let id { return .get("/api/v1/customers/\(APIRequest.encode(id))/sends") }
        return .get("/api/v1/sends", query: [("channel", self.channel ?? ""), ("address", self.to ?? "")])
    }
}
