import ArgumentParser
import Shared

/// Whom a broadcast is for.
struct RecipientOptions: ParsableArguments {
    @Option(
        name: .customLong("to"),
        help: .init("A number with +, or an email address. May be repeated.", valueName: "address")
    )
    var addresses: [String] = []

    @Option(name: .customLong("customer-id"), help: .init("A customer. May be repeated.", valueName: "id"))
    var customers: [String] = []

    @Option(
        name: .customLong("recipients"),
        help: .init(
            "A CSV file with a column to or customer_id, and one for each word of the template.",
            valueName: "file"
        )
    )
    var file: String?

    @Option(
        name: .customLong("group-id"),
        help: .init("All customers of this group. May be repeated.", valueName: "id")
    )
    var groups: [String] = []

    @Option(
        name: .customLong("field"),
        help: .init(
            "All customers with this value in a field; with several, in each. May be repeated.",
            valueName: "name=value"
        )
    )
    var fields: [NamedValue] = []

    func validate() throws {
        let isGiven =
            !self.addresses.isEmpty || !self.customers.isEmpty || self.file != nil || !self.groups.isEmpty
            || !self.fields.isEmpty
        guard isGiven else {
            throw ValidationError("Say whom it is for: --to, --customer-id, --recipients, --group-id or --field.")
        }
    }

    /// The members `recipients`, `group_ids` and `filter` of `POST /broadcasts`, as far as they are given.
    ///
    /// - Parameter file: the recipients of `--recipients`, read.
    /// - Throws: `CommandFailure` for a field that is given twice.
    /// - Returns: in the order of the API's document.
    func object(with file: RecipientFile?) throws(CommandFailure) -> JSONObject {
        var body: JSONObject = [:]
        let recipients =
            self.addresses.map { JSONValue.object(["to": .string($0)]) }
            + self.customers.map { JSONValue.object(["customer_id": .string($0)]) } + (file?.recipients ?? [])
        if !recipients.isEmpty { body["recipients"] = .array(recipients) }
        if !self.groups.isEmpty { body["group_ids"] = .array(self.groups.map { .string($0) }) }
        if !self.fields.isEmpty { body["filter"] = ["fields": .object(try self.fields.object(of: "--field"))] }
        return body
    }
}
