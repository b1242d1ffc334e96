import Crypto
import Foundation
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
            guard let changes = entry["changes"]?.array else { return [Self.other("entry", entry, number: nil)] }
            return changes.flatMap(Self.events(ofChange:))
        }
    }

    private static func events(ofChange change: JSONValue) -> [WebhookEvent] {
        guard change["field"]?.string == "messages", let value = change["value"], value.object != nil else {
            return [Self.other(change["field"]?.string ?? "change", change, number: nil)]
        }
        let number = value["metadata"]?["phone_number_id"]?.string
        let messages = (value["messages"]?.array ?? []).map { Self.message($0, in: value, number: number) }
        let statuses = (value["statuses"]?.array ?? []).map { Self.status($0, number: number) }
        let errors = (value["errors"]?.array ?? []).map { Self.other("errors", $0, number: number) }
        let events = messages + statuses + errors
        return events.isEmpty ? [Self.other("messages", change, number: number)] : events
    }

    private static func message(_ message: JSONValue, in value: JSONValue, number: String?) -> WebhookEvent {
        let contact = Self.contact(of: message, in: value["contacts"]?.array ?? [])
        guard let read = WhatsAppInbound.message(message, contact: contact) else {
            return Self.other("message", message, number: number)
        }
        return WebhookEvent(key: read.eventKey, providerNumber: number, content: .message(read))
    }

    /// By phone number, or by user id where the sender shows no number.
    private static func contact(of message: JSONValue, in contacts: [JSONValue]) -> JSONValue? {
        let phone = message["from"]?.string
        let user = message["from_user_id"]?.string
        return contacts.first { contact in
            (phone != nil && contact["wa_id"]?.string == phone) || (user != nil && contact["user_id"]?.string == user)
        }
    }

    private static func status(_ status: JSONValue, number: String?) -> WebhookEvent {
        guard let id = status["id"]?.string, !id.isEmpty, let name = status["status"]?.string else {
            return Self.other("status", status, number: number)
        }
        // In a group each participant has a status of one message.
        let participant = status["recipient_participant_id"]?.string
        let time = status["timestamp"]?.string ?? status["timestamp"]?.int.map(String.init)
        let key = EventKey.bounded([id, name, participant, time].compactMap(\.self).joined(separator: ":"))
        let report = ProviderReport(
            eventKey: key,
            reference: status["biz_opaque_callback_data"]?.string.flatMap(AttemptReference.init),
            providerMessageID: id,
            status: Self.reported(name, status),
            occurredAt: time.flatMap(Self.timestamp)
        )
        return WebhookEvent(key: key, providerNumber: number, content: .report(report))
    }

    private static func reported(_ name: String, _ status: JSONValue) -> ProviderReport.Status {
        switch name {
        case "sent": .sent
        case "delivered": .delivered
        // A voice message that was played was read.
        case "read", "played": .read
        case "failed": Self.failed(status["errors"] ?? [])
        default: .note(String(name.prefix(64)))
        }
    }

    private static func failed(_ errors: JSONValue) -> ProviderReport.Status {
        let error = WhatsAppError(errors[0] ?? [:])
        let verdict = error.code.map(WhatsAppErrorTable.reported) ?? .permanent
        return .failed(
            ProviderError(
                code: error.code.map(String.init) ?? "unknown",
                detail: error.detail,
                response: String(decoding: errors.bytes, as: UTF8.self)
            ),
            verdict.failureClass
        )
    }

    /// Seconds since 1970 as a string; milliseconds have been seen, and no second since 1970 has 12 digits before the year 5138.
    static func timestamp(_ text: String) -> Timestamp? {
        guard let number = Int64(text), (0..<100_000_000_000_000).contains(number) else { return nil }
        return Timestamp(microseconds: number * (number >= 100_000_000_000 ? 1000 : 1_000_000))
    }

    /// Without an id of its own it is known by its content.
    private static func other(_ name: String, _ value: JSONValue, number: String?) -> WebhookEvent {
        let digest = SHA256.hash(data: value.bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return WebhookEvent(key: "\(name):\(digest)", providerNumber: number, content: .other(String(name.prefix(64))))
    }
}
