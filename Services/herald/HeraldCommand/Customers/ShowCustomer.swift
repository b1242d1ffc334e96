import ArgumentParser
import Shared

/// `herald customers show`.
struct ShowCustomer: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one customer.",
        discussion: """
            The id of a customer who was merged into another one shows that one.

            Example:
              herald customers show 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The customer's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.get("/api/v1/customers/\(APIRequest.encode(self.id))"))
        try self.output.show(answer, from: client, in: session) { CustomerText.of($0) }
    }
}
