import Shared

/// Reads Twilio's status callback.
package enum TwilioWebhook {
    /// Reads the form and the query's `ref`, which `TwilioProvider` put there.
    ///
    /// - Throws: when the form names no message or no status.
    package static func statusEvent(
        _ form: FormParameters,
        reference: String?
    ) throws(WebhookFormatFailure) -> WebhookEvent {
        guard let sid = form["MessageSid"] ?? form["SmsSid"], !sid.isEmpty else {
            throw WebhookFormatFailure(detail: "The form has no `MessageSid`.")
        }
        guard let name = form["MessageStatus"] ?? form["SmsStatus"], !name.isEmpty else {
            throw WebhookFormatFailure(detail: "The form has no `MessageStatus`.")
        }
        let key = EventKey.bounded("\(sid):\(name)")
        let report = ProviderReport(
            eventKey: key,
            reference: reference.flatMap(AttemptReference.init),
            providerMessageID: EventKey.bounded(sid),
            status: Self.reported(name, form),
            // Twilio's callback has no time of the event to the second.
            occurredAt: nil
        )
        return WebhookEvent(key: key, providerNumber: nil, content: .report(report))
    }

    private static func reported(_ name: String, _ form: FormParameters) -> ProviderReport.Status {
        switch name {
        case "sent": .sent
        case "delivered": .delivered
        case "read": .read
        case "undelivered", "failed": Self.failed(name, form)
        case "canceled":
            .failed(ProviderError(code: "canceled", detail: "The message was cancelled at Twilio."), .permanent)
        // accepted, scheduled, queued, sending, partially_delivered, and what Twilio may add.
        default: .note(name.storable(upTo: 64))
        }
    }

    private static func failed(_ name: String, _ form: FormParameters) -> ProviderReport.Status {
        let code = form["ErrorCode"].flatMap { Int($0) }
        let verdict = code.map(TwilioErrorTable.reported) ?? .permanent
        let detail = form["ErrorMessage"].flatMap { $0.isEmpty ? nil : $0 } ?? "Twilio reports the message as \(name)."
        return .failed(ProviderError(code: code.map(String.init) ?? name, detail: detail), verdict.failureClass)
    }
}
