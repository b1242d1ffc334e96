import Shared

/// Reads what Meta says about a message that we sent.
enum WhatsAppStatus {
    /// - Parameter status: an element of a webhook's `statuses`; `pricing` and `conversation` may be there or not.
    /// - Returns: nil when it has no id, or no status.
    static func report(_ status: JSONValue) -> ProviderReport? {
        guard let id = status["id"]?.string?.nonEmpty, let name = status["status"]?.string else { return nil }
        // In a group each participant has a status of one message.
        let participant = status["recipient_participant_id"]?.string
        let time = status["timestamp"]?.string ?? status["timestamp"]?.int.map(String.init)
        return ProviderReport(
            eventKey: EventKey.bounded([id, name, participant, time].compactMap(\.self).joined(separator: ":")),
            reference: status["biz_opaque_callback_data"]?.string.flatMap(AttemptReference.init),
            providerMessageID: EventKey.bounded(id),
            status: Self.reported(name, status),
            occurredAt: time.flatMap(Timestamp.init(sinceEpoch:))
        )
    }

    private static func reported(_ name: String, _ status: JSONValue) -> ProviderReport.Status {
        switch name {
        case "sent": .sent
        case "delivered": .delivered
        // A voice message that was played was read.
        case "read", "played": .read
        case "failed": Self.failed(status["errors"] ?? [])
        // `deleted`, and what Meta may add.
        default: .note(name.storable(upTo: 64))
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
}
