import ArgumentParser
import Shared

/// `herald customers list`.
struct ListCustomers: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List customers, the newest first, or look for some.",
        discussion: """
            A text is the beginning of a name or a part of a telephone number.

            Examples:
              herald customers list ann
              herald customers list 555-0100
              herald customers list --group vip --field tier=gold
              herald customers list --all --json > customers.json
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("created_at", title: "created (utc)"), .member("name"),
        ResourceColumn(shape: .init(title: "addresses"), cell: CustomerText.addresses), .member("groups"),
        .member("guest"),
    ]

    @Argument(help: "The beginning of a name, or a part of a telephone number.")
    var text: String?

    @Option(help: .init("The whole address.", valueName: "address"))
    var email: String?

    @Option(help: .init("Your own id of the customer.", valueName: "id"))
    var externalID: String?

    @Option(
        name: .customLong("field"),
        help: .init("A field and its value. May be repeated.", valueName: "name=value")
    )
    var fields: [NamedValue] = []

    @Option(help: .init("A group, by name.", valueName: "name"))
    var group: String?

    @Flag(inversion: .prefixedNo, help: "Guests only, or all but guests.")
    var guests: Bool?

    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    var query: [(name: String, value: String)] {
        let single = [
            ("q", self.text), ("email", self.email), ("external_id", self.externalID), ("group", self.group),
            ("guest", self.guests.map { $0 ? "true" : "false" }),
        ]
        return single.compactMap { name, value in value.map { (name, $0) } }
            + self.fields.map { ("field.\($0.name)", $0.value) }
    }

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/customers",
            query: self.query,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }
}
