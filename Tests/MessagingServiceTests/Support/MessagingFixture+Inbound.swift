import InternalAPI
import Postgres
import Shared

@testable import MessagingService

extension MessagingFixture {
    /// A message of a customer; each one's is another event, unless it is named.
    func inbound(
        _ content: InboundContent = InboundContent(kind: .text, body: "Hello"),
        to accountID: AccountID,
        event: String? = nil,
        from sender: Address = Address(kind: .phone, value: "+15550002222"),
        in conversationID: ConversationID = .new(),
        of customerID: CustomerID = .new(),
        on channel: Channel = .sms,
        keyword: Keyword? = nil,
        answered: Keyword? = nil,
        inReplyTo: String? = nil,
        occurredAt: Timestamp = .now,
        arrivedAt: Timestamp = .now,
        orgID: OrgID? = nil
    ) -> MessagingAPI.Receive {
        let key = event ?? "event-\(MessageID.new())"
        return MessagingAPI.Receive(
            orgID: orgID ?? self.orgID,
            accountID: accountID,
            customerID: customerID,
            conversationID: conversationID,
            channel: channel,
            keyword: keyword,
            occurredAt: occurredAt,
            arrivedAt: max(occurredAt, arrivedAt),
            message: InboundMessage(
                eventKey: key,
                providerMessageID: "in-\(key)",
                senders: [sender],
                content: content,
                inReplyTo: inReplyTo,
                answeredKeyword: answered,
                occurredAt: occurredAt
            )
        )
    }

    /// Receives messages in one call.
    @discardableResult
    func receive(_ items: MessagingAPI.Receive...) async throws -> [MessageID] {
        try await self.receive(all: items)
    }

    @discardableResult
    func receive(all items: [MessagingAPI.Receive]) async throws -> [MessageID] {
        guard let result = await self.receive([items]).first else { return [] }
        return try result.get().map(\.messageID)
    }

    /// What `GET /messages/{id}` shows, without the attempts.
    func shown(_ id: MessageID) async throws -> JSONValue? {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try MessageStore(orgID: self.orgID).find(id, on: connection)?.json
        }
    }

    /// What happened in a conversation, in the order of time: `MESSAGE_STATUS_UPDATE delivered`.
    func activities(in conversationID: ConversationID? = nil) async throws -> [String] {
        try await self.rows(
            """
            SELECT type::text || coalesce(' ' || detail, '') AS line FROM activities
             WHERE org_id = \(self.orgID) AND (\(conversationID)::uuid IS NULL OR conversation_id = \(conversationID))
             ORDER BY id
            """
        ).map { try $0.get("line") }
    }
}
