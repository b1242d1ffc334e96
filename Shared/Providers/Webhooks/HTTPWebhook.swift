import Shared

/// Reads what is posted to the generic endpoint, in our own documented form.
///
///     {"type": "message.received", "data": {"id": "...", "from": "...", "body": "..."}}
///     {"type": "message.status", "data": {"message_id": "...", "status": "delivered"}}
///
/// Fields that we do not know are left to their sender; other types are kept.
package enum HTTPWebhook {
    /// One event, known by the value of `webhook-id`, which is the same for every repetition.
    ///
    /// - Throws: a sentence about the first field that is wrong.
    package static func events(_ body: [UInt8], id: String) throws(WebhookFormatFailure) -> [WebhookEvent] {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: body, unstorable: .replaced)
        } catch {
            throw WebhookFormatFailure(detail: "The body is not JSON: \(error)")
        }
        var fields = JSONFields(payload, at: "")
        let type = fields.requiredString("type", 1...100)
        try fields.refuseViolations()
        let key = EventKey.bounded(id)
        var data = JSONFields(payload["data"] ?? .null, at: "/data")
        let content: WebhookEvent.Content
        switch type {
        case "message.received": content = .message(try HTTPWebhookMessage.read(&data, key: key))
        case "message.status": content = .report(try HTTPWebhookStatus.read(&data, key: key))
        default: content = .other(type.storable(upTo: 64))
        }
        return [WebhookEvent(key: key, providerNumber: nil, content: content)]
    }
}

extension JSONFields {
    /// Unlike `finish()` it lets fields pass that nobody has read.
    func refuseViolations() throws(WebhookFormatFailure) {
        guard self.violations.isEmpty else {
            throw WebhookFormatFailure(
                detail: Problem.invalidRequest(self.violations).detail ?? "The body is not valid."
            )
        }
    }
}
