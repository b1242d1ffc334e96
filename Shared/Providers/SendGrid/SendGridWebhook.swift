import Shared

/// Reads SendGrid's Event Webhook.
///
/// - Source: Twilio, "Event Webhook Reference".
package enum SendGridWebhook {
    /// An event for each element, and one more for a recipient who wants no more; an element that has not the expected form is named `other`, so that nothing is lost.
    ///
    /// - Throws: when the body is no JSON array.
    package static func events(_ body: [UInt8]) throws(WebhookFormatFailure) -> [WebhookEvent] {
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: body, unstorable: .replaced)
        } catch {
            throw WebhookFormatFailure(detail: "The body is not JSON: \(error)")
        }
        guard let elements = payload.array else {
            throw WebhookFormatFailure(detail: "The body must be a JSON array, not \(payload.kind).")
        }
        return elements.flatMap { element in [Self.event(element), Self.optOut(element)].compactMap(\.self) }
    }

    /// Nil of an element that says nothing of the kind.
    private static func optOut(_ element: JSONValue) -> WebhookEvent? {
        let source: OptOut.Source
        switch element["event"]?.string {
        case "unsubscribe", "group_unsubscribe": source = .unsubscribe
        case "spamreport": source = .complaint
        default: return nil
        }
        guard let id = element["sg_event_id"]?.string?.nonEmpty,
            let address = element["email"]?.string.flatMap({ try? Address($0, for: .email) })
        else { return nil }
        let optOut = OptOut(
            channel: .email,
            address: address,
            source: source,
            messageID: element["attempt_id"]?.string.flatMap(AttemptReference.init)?.messageID,
            occurredAt: Timestamp(sinceEpoch: element["timestamp"])
        )
        return WebhookEvent(key: EventKey.bounded("opt-out:\(id)"), providerNumber: nil, content: .optOut(optOut))
    }

    private static func event(_ element: JSONValue) -> WebhookEvent {
        let name = element["event"]?.string?.nonEmpty
        guard let name, let id = element["sg_event_id"]?.string?.nonEmpty else {
            return .other(name ?? "event", element)
        }
        let key = EventKey.bounded(id)
        // Custom arguments stand among the event's own members.
        let reference = element["attempt_id"]?.string.flatMap(AttemptReference.init)
        let messageID = element["sg_message_id"]?.string.flatMap(Self.messageID)
        guard reference != nil || messageID != nil else {
            return WebhookEvent(key: key, providerNumber: nil, content: .other(name.storable(upTo: 64)))
        }
        let report = ProviderReport(
            eventKey: key,
            reference: reference,
            providerMessageID: messageID,
            status: Self.reported(name, element),
            occurredAt: Timestamp(sinceEpoch: element["timestamp"])
        )
        return WebhookEvent(key: key, providerNumber: nil, content: .report(report))
    }

    /// What SendGrid answered as `X-Message-Id` when it took the message: the part before the first point.
    private static func messageID(_ text: String) -> String? {
        String(text.prefix { $0 != "." }).nonEmpty.map(EventKey.bounded)
    }

    private static func reported(_ name: String, _ event: JSONValue) -> ProviderReport.Status {
        switch name {
        case "processed": .sent
        case "delivered": .delivered
        case "bounce", "dropped", "blocked": Self.failed(name, event)
        // deferred, open, click, spamreport, unsubscribe, group_unsubscribe, and what SendGrid may add.
        default: .note(name.storable(upTo: 64))
        }
    }

    /// Permanent: SendGrid has tried for as long as it does, or will not try at all.
    ///
    /// The code is `bounce`, `blocked` (the server refused this time, the address may be good) or `dropped`.
    private static func failed(_ name: String, _ event: JSONValue) -> ProviderReport.Status {
        let type = name == "bounce" ? event["type"]?.string?.nonEmpty : nil
        let status = event["status"]?.string?.nonEmpty
        let reason = event["reason"]?.string?.nonEmpty ?? "SendGrid reports the message as \(name)."
        let facts = ["event", "type", "status", "reason", "bounce_classification"].compactMap { name in
            event[name].map { JSONObject.Member(name: name, value: $0) }
        }
        return .failed(
            ProviderError(
                code: type ?? name,
                detail: status.map { "\($0): \(reason)" } ?? reason,
                response: JSONValue.object(JSONObject(distinct: facts)).text,
                isHardBounce: Self.isHard(name, type, reason) ? true : nil
            ),
            .permanent
        )
    }

    /// Reasons of `dropped` that are about the address; it drops for quotas, spam and opt-outs too.
    private static let deadAddresses: Set<String> = ["Bounced Address", "Invalid"]

    /// A bounce of type `bounce` is SendGrid's word for an address that takes nothing; one of type `blocked` may pass.
    private static func isHard(_ name: String, _ type: String?, _ reason: String) -> Bool {
        name == "bounce" && type == "bounce" || name == "dropped" && Self.deadAddresses.contains(reason)
    }
}
