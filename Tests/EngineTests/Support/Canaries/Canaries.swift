import Foundation
import Installation
import Postgres
import Shared
import TestSupport

/// A text that is looked for.
struct Canary: Sendable, Equatable {
    enum Kind: Sendable {
        /// Stands nowhere in plain text.
        case secret
        /// Of a person: stands in the columns that are for it.
        case personal
    }

    let name: String
    let text: String
    let kind: Kind
}

/// Texts that nobody else uses, one for each kind of input.
struct Canaries: Sendable {
    /// A canary in a column.
    struct Place: Sendable, CustomStringConvertible {
        let canary: Canary
        /// `messaging.messages.content`.
        let column: String

        var description: String { "\(self.canary.name) in \(self.column)" }
    }

    private let run = String(UUID().uuidString.prefix(8))

    /// Digits alone: numbers have no letters.
    let phone = "+1415\(5_550_000 + Int.random(in: 1000...9999))"

    func secret(_ name: String) -> String { "CANARY-\(self.run)-secret-\(name)" }
    func personal(_ name: String) -> String { "CANARY-\(self.run)-personal-\(name)" }

    static let secretNames = [
        "access-token", "app-secret", "verify-token", "auth-token", "smtp-password", "sendgrid-key", "inbound-token",
        "webhook-secret", "query-key", "wrong-key", "wrong-token",
    ]
    static let personalNames = [
        "body", "sms", "name", "first-name", "field", "metadata", "reference", "group", "reason", "proof", "inbound",
        "header",
        "inbound-header", "idempotency-key", "subject", "html", "parameter", "unknown", "provider-says",
    ]

    var all: [Canary] {
        Self.secretNames.map { Canary(name: $0, text: self.secret($0), kind: .secret) }
            + Self.personalNames.map { Canary(name: $0, text: self.personal($0), kind: .personal) }
            + [Canary(name: "phone", text: String(self.phone.dropFirst()), kind: .personal)]
    }

    var secrets: [String] { Self.secretNames.map(self.secret) }

    /// The names of those that are in `text`, as they are, or as they stand in a URL or in JSON.
    func found(in text: String) -> [String] { self.all.filter { text.contains($0.text) }.map(\.name) }

    /// The columns that are for what people wrote, and for who they are.
    static let homes: Set<String> = [
        "messaging.messages.content", "messaging.messages.recipient", "messaging.messages.reference",
        "messaging.messages.metadata", "messaging.messages.provider_message_id", "messaging.messages.error_detail",
        "messaging.idempotency_keys.body", "messaging.idempotency_keys.key", "messaging.conversation_windows.address",
        "messaging.attempts.error_detail", "messaging.attempts.provider_response",
        "messaging.attempts.provider_message_id", "messaging.provider_events.report",
        "messaging.provider_events.event_key", "messaging.provider_events.provider_message_id",
        "messaging.keyword_answers.address", "messaging.inbound_events.event_key",
        "customers.customers.name", "customers.customers.name_key", "customers.customers.first_name",
        "customers.customers.fields", "customers.customers.name_event_key", "customers.identities.value",
        "customers.new_phones.phones", "customers.phone_endings.value", "customers.phone_endings.ending",
        "customers.groups.name",
        "customers.groups.name_key",
        "customers.suppressions.value", "customers.suppressions.reason", "customers.consents.proof",
        "customers.consent_changes.proof", "customers.idempotency_keys.body", "customers.idempotency_keys.key",
        "conversations.conversations.address", "conversations.received_events.event_key",
        "inbound.inbox_requests.body", "inbound.inbox_requests.headers", "inbound.inbox_events.content",
        "inbound.inbox_events.event_key",
    ]

    /// Every column of every database in which there is one of them.
    func places(in databases: [String: String]) async throws -> [Place] {
        var places: [Place] = []
        for role in ["gateway", "inbound", "customers", "conversations", "messaging"] {
            let url = (databases[role] ?? "").replacing("user=\(role)", with: "user=postgres")
            let connection = try await PostgresConnection(url)
            let columns = try await connection.query(
                """
                SELECT table_name::text AS table_name, column_name::text AS column_name, data_type = 'bytea' AS is_bytes
                  FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
                 WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1, 2
                """
            )
            for row in columns {
                let (table, column): (String, String) = (try row.get("table_name"), try row.get("column_name"))
                let found = try await self.found(in: table, column, isBytes: try row.get("is_bytes"), on: connection)
                places += found.map { Place(canary: $0, column: "\(role).\(table).\(column)") }
            }
            await connection.close()
        }
        return places
    }

    private func found(
        in table: String,
        _ column: String,
        isBytes: Bool,
        on connection: PostgresConnection
    ) async throws -> [Canary] {
        // Names of our own catalogue.
        let (table, name) = (SQL(stringLiteral: "\"\(table)\""), SQL(stringLiteral: "\"\(column)\""))
        let text: SQL = isBytes ? "encode(\(name), 'escape')" : "\(name)::text"
        let rows = try await connection.query(
            """
            SELECT needle FROM unnest(\(self.all.map(\.text))::text[]) AS n (needle)
             WHERE EXISTS (SELECT FROM \(table) WHERE position(needle IN \(text)) > 0)
            """
        )
        let found = Set(try rows.map { try $0.get("needle", as: String.self) })
        return self.all.filter { found.contains($0.text) }
    }
}
