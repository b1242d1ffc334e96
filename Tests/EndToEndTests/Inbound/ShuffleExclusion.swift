/// Columns that are not compared, because chance made them, or they say when and in which request something was told.
struct ShuffleExclusion: Sendable {
    /// With its database.
    let table: String
    /// None for the whole table.
    let columns: [String]
    let reason: String

    init(_ table: String, _ columns: [String], _ reason: String) {
        (self.table, self.columns, self.reason) = (table, columns, reason)
    }

    static let all: [ShuffleExclusion] = [
        .init("gateway.api_keys", ["secret_mac", "last_used_at"], "a key made at random, and when it was used"),
        .init("gateway.audit_events", ["id", "request_id", "salt"], "made at random"),
        .init("gateway.audit_seals", [], "when the trail was sealed, with hashes of what chance made"),
        .init("gateway.audit_unsealed", [], "what is not sealed yet"),
        .init("inbound.audit_seals", [], "as in gateway"),
        .init("inbound.audit_unsealed", [], "as in gateway"),
        .init("customers.audit_seals", [], "as in gateway"),
        .init("customers.new_phones", [], "numbers as they came together; phone_endings and searches tell of them"),
        .init("customers.audit_unsealed", [], "as in gateway"),
        .init("conversations.audit_seals", [], "as in gateway"),
        .init("conversations.audit_unsealed", [], "as in gateway"),
        .init("messaging.audit_seals", [], "as in gateway"),
        .init("messaging.audit_unsealed", [], "as in gateway"),
        .init("inbound.webhook_accounts", ["secrets"], "sealed with a random nonce"),
        .init("inbound.inbox_requests", [], "only the requests that brought an event first are kept"),
        .init("inbound.inbox_presence", [], "when the gateway was there"),
        .init("inbound.inbox_events", ["id", "request_id", "position"], "by the request that brought it first"),
        .init("inbound.inbox_events", ["attempts", "refusals", "last_error"], "the inbox's counters"),
        .init("customers.consent_changes", ["id"], "made at random"),
        .init("customers.audit_events", ["id", "request_id", "salt"], "made at random"),
        .init("conversations.activities", ["id"], "made of the time, and at random"),
        .init("messaging.channel_accounts", ["credentials"], "sealed with a random nonce"),
        .init("messaging.account_flows", ["tokens", "refilled_at", "retry_credit"], "what is left of a rate"),
        .init("messaging.audit_events", ["id", "request_id", "salt"], "made at random"),
        .init("messaging.activities", ["id"], "made of the time, and at random"),
        .init("messaging.attempts", ["worker", "provider_response"], "who sent it, and what the stub's clock said"),
        .init("messaging.provider_events", ["effect_detail"], "what it led to, which depends on what was known"),
        .init("messaging.workers", [], "who was there to send"),
    ]

    /// What is compared instead of an excluded column.
    static let substitutes: [String: String] = [
        // Of several reports of a message the furthest changes it, and those that come after it are ignored.
        "messaging.provider_events": "jsonb_build_object('effect', effect = 'unmatched')"
    ]

    static func columns(of table: String) -> [String] { self.all.filter { $0.table == table }.flatMap(\.columns) }

    static func isWhole(_ table: String) -> Bool { self.all.contains { $0.table == table && $0.columns.isEmpty } }
}
