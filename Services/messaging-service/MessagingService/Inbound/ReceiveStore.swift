import AuditTrail
import Foundation
import InternalAPI
import Postgres
import Secrets
import Shared

/// The statements that store inbound messages; each takes a whole batch.
enum ReceiveStore {
    /// What a batch came to.
    struct Stored: Sendable {
        /// The message of each event, stored now or before; none where the organization has no such account.
        let ids: [EventKey: MessageID]
        let new: [ReceivedMessage]
        let clocks: OrgClocks
    }

    /// Remembers the events, and stores the messages of those that are new.
    static func write(
        _ messages: [ReceivedMessage],
        secrets: SecretBox,
        on connection: isolated PostgresConnection
    ) throws -> Stored {
        let accounts = Set(messages.filter(\.hasKnownRecipient).map(\.account)).sorted()
        let results = try connection.pipeline([
            self.takeEvents(messages), self.events(of: messages),
            OrgClocks.read(Array(Set(messages.map(\.item.orgID)))),
            self.answered(by: messages), AccountStore.sealedAccounts(accounts),
        ])
        var ids: [EventKey: MessageID] = [:]
        for row in results[1] { ids[try EventKey(row)] = try row.get("message_id") }
        let new = messages.filter { ids[$0.event] == $0.id }
        let clocks = try OrgClocks(results[2])
        guard !new.isEmpty else { return Stored(ids: ids, new: [], clocks: clocks) }
        var answered: [MessageID: MessageID] = [:]
        for row in results[3] { answered[try row.get("id")] = try row.get("message_id") }
        var own: [AccountKey: String] = [:]
        for row in results[4] {
            let account = try AccountStore.SealedAccount(row)
            own[AccountKey(orgID: account.orgID, accountID: account.id)] = account.ownAddress(secrets)
        }
        var statements = [
            self.insert(new, own: own, answered: answered, clocks: clocks), self.audit(new),
            ActivityStore.insert(new.map { Activity($0, at: $0.shownTime(clocks)) }),
        ]
        let writing = new.filter { $0.item.channel == .whatsapp }
        if !writing.isEmpty { statements.append(WindowStore.open(writing, clocks: clocks)) }
        try connection.pipeline(statements)
        return Stored(ids: ids, new: new, clocks: clocks)
    }

    /// Remembers the events of accounts that are there; an event that is known keeps its message.
    private static func takeEvents(_ messages: [ReceivedMessage]) -> SQL {
        """
        INSERT INTO inbound_events (org_id, account_id, event_key, message_id)
        SELECT r.org_id, r.account_id, r.event_key, r.message_id
          FROM unnest(
            \(messages.map(\.item.orgID))::uuid[], \(messages.map(\.item.accountID))::uuid[],
            \(messages.map(\.item.channel))::channel[], \(messages.map(\.item.message.eventKey))::text[],
            \(messages.map(\.id))::uuid[]
          ) AS r (org_id, account_id, channel, event_key, message_id)
          JOIN channel_accounts a ON a.org_id = r.org_id AND a.id = r.account_id
           AND (a.channel = r.channel OR a.provider = 'sandbox')
         ORDER BY 1, 2, 3
        ON CONFLICT (org_id, account_id, event_key) DO NOTHING
        """
    }

    private static func events(of messages: [ReceivedMessage]) -> SQL {
        """
        SELECT e.org_id, e.account_id, e.event_key, e.message_id
          FROM unnest(
            \(messages.map(\.item.orgID))::uuid[], \(messages.map(\.item.accountID))::uuid[],
            \(messages.map(\.item.message.eventKey))::text[]
          ) AS r (org_id, account_id, event_key)
          JOIN inbound_events e USING (org_id, account_id, event_key)
        """
    }

    /// Which of our messages they answer, where its provider's id is known.
    private static func answered(by messages: [ReceivedMessage]) -> SQL {
        let replies = messages.filter { $0.inReplyTo != nil }
        return """
            SELECT r.id, a.message_id
              FROM unnest(
                \(replies.map(\.item.orgID))::uuid[], \(replies.map(\.item.accountID))::uuid[],
                \(replies.map(\.inReplyTo))::text[], \(replies.map(\.id))::uuid[]
              ) AS r (org_id, account_id, provider_message_id, id)
              JOIN attempts a ON a.org_id = r.org_id AND a.account_id = r.account_id
                             AND a.provider_message_id = r.provider_message_id
            """
    }

    private static func insert(
        _ messages: [ReceivedMessage],
        own: [AccountKey: String],
        answered: [MessageID: MessageID],
        clocks: OrgClocks
    ) -> SQL {
        """
        INSERT INTO messages (org_id, id, direction, channel, category, status, recipient, own_address, customer_id,
            conversation_id, account_id, content, attachment_sources, in_reply_to, retry_delays, on_uncertain,
            provider_message_id, created_at, updated_at, delivered_at)
        SELECT org_id, id, 'inbound', channel, 'transactional', 'delivered', sender, own_address, customer_id,
               conversation_id, account_id, content::json, sources::json, in_reply_to, '{}', 'hold', provider_message_id,
               occurred_at, now, occurred_at
          FROM unnest(
            \(messages.map(\.item.orgID))::uuid[], \(messages.map(\.id))::uuid[],
            \(messages.map(\.item.channel))::channel[], \(messages.map(\.sender.value))::text[],
            \(messages.map { own[$0.account] ?? $0.toldRecipient })::text[], \(messages.map(\.item.customerID))::uuid[],
            \(messages.map(\.item.conversationID))::uuid[], \(messages.map(\.item.accountID))::uuid[],
            \(messages.map(\.content.text))::text[], \(messages.map(\.sources))::text[],
            \(messages.map { answered[$0.id] })::uuid[], \(messages.map(\.providerMessageID))::text[],
            \(messages.map { $0.shownTime(clocks) })::timestamptz[],
            \(messages.map { clocks.now(of: $0.item.orgID) })::timestamptz[]
          ) AS r (org_id, id, channel, sender, own_address, customer_id, conversation_id, account_id, content, sources,
                  in_reply_to, provider_message_id, occurred_at, now)
        """
    }

    private static func audit(_ messages: [ReceivedMessage]) -> SQL {
        AuditStore.insert(
            messages.map { message in
                AuditRecord(
                    orgID: message.item.orgID,
                    actor: Activity.provider,
                    action: .created,
                    entityType: .message,
                    entityID: message.id.uuid,
                    requestID: nil
                )
            }
        )
    }
}

extension EventKey {
    init(_ row: Row) throws(PostgresError) {
        self.init(
            orgID: try row.get("org_id"),
            accountID: try row.get("account_id"),
            key: try row.get("event_key")
        )
    }
}

extension ReceivedMessage {
    /// By the organization's clock.
    func shownTime(_ clocks: OrgClocks) -> Timestamp { self.occurredAt + clocks.offset(of: self.item.orgID) }

    /// Whether its account says by which number or address it was reached.
    fileprivate var hasKnownRecipient: Bool { self.item.channel == .sms || self.item.channel == .email }

    fileprivate var toldRecipient: String? {
        self.item.message.recipient.flatMap { Address(kind: .phone, value: $0).isStorable ? $0 : nil }
    }

    /// Nil when there are no attachments.
    fileprivate var sources: String? {
        let sources = self.item.message.content.attachments.map(\.source)
        guard !sources.isEmpty, let json = try? JSONEncoder().encode(sources) else { return nil }
        return String(decoding: json, as: UTF8.self)
    }
}

extension AccountStore.SealedAccount {
    /// The number or address by which the account is reached; nil where it has several, or its provider an id instead.
    fileprivate func ownAddress(_ secrets: SecretBox) -> String? {
        switch self.provider {
        case .twilio, .smtp, .sendgrid: break
        case .whatsappCloud, .http, .sandbox: return nil
        }
        let credentials = try? secrets.openCredentials(self.credentials.bytes, at: self.place)
        return credentials?["from"].flatMap { Address.bytes.contains($0.utf8.count) ? $0 : nil }
    }
}
