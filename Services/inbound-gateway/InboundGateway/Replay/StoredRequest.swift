import Foundation
import Postgres
import Providers
import Shared

/// A webhook as it was stored, to be read again.
struct StoredRequest: Sendable {
    let id: ID<InboxRequest>
    let accountID: AccountID
    let provider: ProviderKind
    let webhook: WebhookRequest
    private let receivedAt: Timestamp

    /// Of `inbox_requests AS r`.
    static let columns: SQL = "r.id, r.account_id, r.provider, r.received_at, r.url, r.headers::text AS headers, r.body"

    /// Reads a row of `columns`.
    init(_ row: Row) throws {
        guard let provider = ProviderKind(rawValue: try row.get("provider")) else {
            throw PostgresError.decoding(column: "provider", type: "ProviderKind")
        }
        let headers = try JSONDecoder().decode(
            [String: String].self,
            from: Data(try row.get("headers", as: String.self).utf8)
        )
        self.id = try row.get("id")
        self.accountID = try row.get("account_id")
        self.provider = provider
        self.receivedAt = try row.get("received_at")
        self.webhook = WebhookRequest(
            target: try row.get("url"),
            headers: headers,
            body: try row.get("body", as: ByteArray.self).bytes
        )
    }

    /// The same with another body.
    func with(body: [UInt8]) -> StoredRequest {
        let (target, headers) = (self.webhook.target, self.webhook.headers)
        return StoredRequest(self, webhook: WebhookRequest(target: target, headers: headers, body: body))
    }

    private init(_ other: StoredRequest, webhook: WebhookRequest) {
        (self.id, self.accountID, self.provider) = (other.id, other.accountID, other.provider)
        (self.receivedAt, self.webhook) = (other.receivedAt, webhook)
    }

    /// What it tells to this version; empty when nothing can be read.
    var events: [WebhookEvent] {
        if self.provider == .whatsappCloud { return (try? WhatsAppWebhook.events(self.webhook.body)) ?? [] }
        guard let kind = WebhookKind(of: self.provider, target: self.webhook.target) else { return [] }
        return (try? kind.events(self.webhook)) ?? []
    }

    /// The body as text, or in base64 where it is none; headers that could help to forge one are left out.
    var json: JSONValue {
        let shown = self.webhook.headers.filter { !$0.key.contains("signature") }.sorted { $0.key < $1.key }
        let text = String(validating: self.webhook.body, as: UTF8.self)
        return [
            "received_at": .string(self.receivedAt.description),
            "url": .string(String(self.webhook.target.prefix { $0 != "?" })),
            "headers": .object(
                JSONObject(distinct: shown.map { JSONObject.Member(name: $0.key, value: .string($0.value)) })
            ),
            "body": .string(text ?? Data(self.webhook.body).base64EncodedString()),
            "body_encoding": .string(text == nil ? "base64" : "text"),
        ]
    }
}
