import Postgres
import Shared

/// A recipient of a broadcast as the public API shows it, with its outcome.
struct RecipientResource: Sendable {
    let number: Int
    let json: JSONValue

    /// Reads a row of `RecipientStore.list`.
    init(_ row: Row) throws {
        self.number = try row.get("number")
        let messageID: MessageID? = try row.getIfPresent("message_id")
        let refusal: String? = try row.getIfPresent("refusal")
        let parameters: String? = try row.getIfPresent("parameters")
        let state: RecipientState = refusal != nil ? .refused : messageID != nil ? .made : .pending
        self.json = .object(members: [
            ("number", .number(JSONNumber(self.number))),
            ("to", .text(try row.getIfPresent("address", as: String.self))),
            ("customer_id", .text(try row.getIfPresent("customer_id", as: CustomerID.self))),
            ("parameters", try parameters.map { try JSONValue(parsing: Array($0.utf8)) } ?? .null),
            ("state", .string(state.rawValue)), ("refusal", .text(refusal)), ("message_id", .text(messageID)),
            ("status", .text(try row.getIfPresent("current_status", as: String.self))),
            ("error_code", .text(try row.getIfPresent("error_code", as: String.self))),
        ])
    }
}
