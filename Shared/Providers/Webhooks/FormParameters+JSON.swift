import Shared

extension FormParameters {
    /// Reads a JSON object as if its members had been the pairs of a form.
    ///
    /// Null is an empty value; arrays and objects, of which Twilio documents none, are kept as JSON.
    ///
    /// - Throws: for what is no JSON object, and for more than 500 members.
    package init(json bytes: [UInt8]) throws(WebhookFormatFailure) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes, unstorable: .replaced)
        } catch {
            throw WebhookFormatFailure(detail: "The body is not JSON: \(error)")
        }
        guard let members = value.object?.members else {
            throw WebhookFormatFailure(detail: "The body must be a JSON object, not \(value.kind).")
        }
        guard members.count <= Self.maximumPairs else {
            throw WebhookFormatFailure(detail: "The body may have at most \(Self.maximumPairs) members.")
        }
        self.init(members.map { ($0.name, Self.text(of: $0.value)) })
    }

    private static func text(of value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        case .bool, .number, .array, .object: value.text
        }
    }
}
