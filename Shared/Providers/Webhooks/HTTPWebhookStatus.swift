import Shared

/// Reads the `data` of a `message.status`.
enum HTTPWebhookStatus {
    private enum Name: String, CaseIterable {
        case sent, delivered, read, failed
    }

    static func read(_ data: inout JSONFields, key: String) throws(WebhookFormatFailure) -> ProviderReport {
        let messageID = data.string("message_id", 1...400)
        let text = data.string("reference", 1...100)
        let reference = text.flatMap(AttemptReference.init)
        if text != nil, reference == nil {
            data.violation(at: "reference", "must be the reference that the message was sent with")
        }
        if data.violations.isEmpty, messageID == nil, reference == nil {
            data.violation(at: "message_id", "is required, or reference")
        }
        let name = data.requiredOneOf("status", Name.self)
        let occurredAt = data.timestamp("occurred_at")
        let error = data.value("error")
        try data.refuseViolations()
        return ProviderReport(
            eventKey: key,
            reference: reference,
            providerMessageID: messageID.map(EventKey.bounded),
            status: Self.status(name, error),
            occurredAt: occurredAt
        )
    }

    private static func status(_ name: Name, _ error: JSONValue?) -> ProviderReport.Status {
        switch name {
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        // Whoever reports it has done what they could.
        case .failed: .failed(Self.error(error), .permanent)
        }
    }

    private static func error(_ error: JSONValue?) -> ProviderError {
        ProviderError(
            code: error?["code"]?.string?.nonEmpty ?? error?["code"]?.int.map(String.init) ?? "failed",
            detail: error?["detail"]?.string?.nonEmpty ?? "The message is reported as failed."
        )
    }
}
