import ArgumentParser
import Shared

/// `herald customers delete`.
struct DeleteCustomer: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Take a customer off the books; their messages stay.",
        discussion: """
            Name, fields, addresses, consents and groups go; messages and conversations stay as they are, which \
            herald customers erase does not leave. Not while messages to them are still to be sent.

            Example:
              herald customers delete 019aa5e0-0000-7000-8000-000000000000 --yes
            """
    )

    @Argument(help: "The customer's id.")
    var id: String

    @OptionGroup var confirm: ConfirmOption
    @OptionGroup var org: OrgOption

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        try await self.confirm.check(in: session.context) { "What is known of the customer will be gone. Delete them?" }
        _ = try await client(.delete("/api/v1/customers/\(APIRequest.encode(self.id))"))
    }
}
