import Shared

/// Reads Meta's webhook for WhatsApp.
package enum WhatsAppWebhook {
    /// All events of a payload: of every entry, every change, every message and every status in them.
    ///
    /// A part that has not the expected form becomes an event too, named `other`, so that nothing Meta sends is lost.
    ///
    /// - Throws: when the body is not JSON, or not an object with an array `entry`.
    package static func events(_ body: [UInt8]) throws(WebhookFormatFailure) -> [WebhookEvent] {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: body, unstorable: .replaced)
        } catch {
            throw WebhookFormatFailure(detail: "The body is not JSON: \(error)")
        }
        guard let entries = payload["entry"]?.array else {
            throw WebhookFormatFailure(detail: "The body has no array `entry`.")
        }
        return entries.flatMap { entry in
            guard let changes = entry["changes"]?.array else { return [WebhookEvent.other("entry", entry)] }
            return changes.flatMap(Self.events(ofChange:))
        }
    }

    private static func events(ofChange change: JSONValue) -> [WebhookEvent] {
        let number = change["value"]?["metadata"]?["phone_number_id"]?.string
        guard change["field"]?.string == "messages", let value = change["value"], value.object != nil else {
            return [.other(change["field"]?.string ?? "change", change, number: number)]
        }
        let shown = value["metadata"]?["display_phone_number"]?.string
        let contacts = WhatsAppContacts(value["contacts"]?.array ?? [])
        let messages = (value["messages"]?.array ?? []).map { message in
            guard let read = WhatsAppInbound.message(message, contact: contacts.sender(of: message), number: shown)
            else {
                return WebhookEvent.other("message", message, number: number)
            }
            return WebhookEvent(key: read.eventKey, providerNumber: number, content: .message(read))
        }
        let statuses = (value["statuses"]?.array ?? []).map { status in
            guard let report = WhatsAppStatus.report(status) else {
                return WebhookEvent.other("status", status, number: number)
            }
            return WebhookEvent(key: report.eventKey, providerNumber: number, content: .report(report))
        }
        let errors = (value["errors"]?.array ?? []).map { WebhookEvent.other("errors", $0, number: number) }
        let events = messages + statuses + errors
        return events.isEmpty ? [.other("messages", change, number: number)] : events
    }
}
