import Shared

/// A WhatsApp message of a dossier, as the Java outbox's clients post and read it.
struct OutboxMessage: Sendable {
    /// The caller's names of our fields.
    static let names = [
        "/reference": "/dossierId", "/template": "/templateCode", "/template/code": "/templateCode",
        "/template/language": "/payloadJson/language", "/template/components": "/payloadJson/components",
        "/idempotency_key": "/idempotencyKey",
    ]

    private enum Provider: String, CaseIterable {
        case whatsapp = "WHATSAPP"
    }

    private let message: JSONObject

    /// Reads `{dossierId, channel: "WHATSAPP", to, templateCode, payloadJson: {language, components}, idempotencyKey}`.
    ///
    /// - Throws: `Problem` `invalid-request` with every violation.
    init(_ body: JSONValue) throws(Problem) {
        var fields = JSONFields(body, at: "")
        let dossier = fields.requiredName("dossierId")
        _ = fields.requiredOneOf("channel", Provider.self)
        let to = fields.requiredString("to", 1...320)
        var template: JSONObject = ["code": .string(fields.requiredString("templateCode", 1...512))]
        let payload = fields.nested("payloadJson") { payload in
            (language: payload.string("language", 2...15), components: payload.array("components", 0...20))
        }
        let key = fields.string("idempotencyKey", 1...255)
        try fields.finish()
        template["language"] = (payload?.language).map { .string($0) }
        template["components"] = (payload?.components).map { .array($0) }
        var message: JSONObject = [
            "to": .string(to), "channel": "whatsapp", "template": .object(template), "reference": .string(dossier),
        ]
        message["idempotency_key"] = key.map { .string($0) }
        self.message = message
    }

    /// As `POST /messages` takes it.
    var json: JSONValue { .object(self.message) }

    /// One of our messages in the outbox's words.
    static func shown(_ message: JSONValue) -> JSONValue {
        let template = message["template"]
        var payload: JSONObject = [:]
        payload["language"] = template?["language"]
        payload["components"] = template?["components"]
        var shown: JSONObject = [:]
        shown["id"] = message["id"]
        shown["dossierId"] = message["reference"]
        shown["channel"] = Self.capitals(message["channel"])
        shown["to"] = message["to"]
        shown["templateCode"] = template?["code"] ?? JSONValue.null
        shown["payloadJson"] = .object(payload)
        shown["status"] = Self.capitals(message["status"])
        shown["lastErrorCode"] = message["error"]?["code"] ?? JSONValue.null
        shown["lastErrorMessage"] = message["error"]?["detail"] ?? JSONValue.null
        for (name, own) in Self.others { shown[name] = message[own] ?? JSONValue.null }
        return .object(shown)
    }

    /// Members that differ in their names only.
    private static let others: [(String, String)] = [
        ("attemptCount", "attempt_count"), ("maxAttempts", "max_attempts"),
        ("providerMessageId", "provider_message_id"), ("scheduledAt", "scheduled_at"),
        ("nextAttemptAt", "next_attempt_at"), ("createdAt", "created_at"), ("updatedAt", "updated_at"),
        ("sentAt", "sent_at"), ("deliveredAt", "delivered_at"), ("readAt", "read_at"), ("failedAt", "failed_at"),
    ]

    private static func capitals(_ value: JSONValue?) -> JSONValue {
        value?.string.map { .string($0.uppercased()) } ?? .null
    }
}
