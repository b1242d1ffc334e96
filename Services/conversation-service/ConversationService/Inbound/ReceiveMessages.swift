import Batching
import InternalAPI
import Postgres
import Shared

/// Puts inbound messages down in their conversations, each once, and opens those that are missing.
///
/// A new message costs three statements in one transaction. What is known already is only read.
struct ReceiveMessages: Sendable {
    /// A transaction of these takes a few milliseconds.
    private static let coalescedMessages = 100
    /// Half of the pool's connections, by its default.
    private static let coalescedBatches = 4
    /// What is written in two seconds, the most that a caller waits.
    private static let waitingMessages = 5000

    let postgres: PostgresPool
    let now: @Sendable () -> Timestamp

    /// Answers each of `items`, of any organizations, in their order.
    func callAsFunction(_ items: [ConversationAPI.Receive]) async throws -> [ConversationAPI.Received] {
        let now = self.now()
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            let events = items.map(ReceivedEvent.init)
            var messages = Dictionary(zip(events, items)) { first, _ in first }
            let ids = try Self.ids(of: &messages, at: now, on: connection)
            return try events.map { event in
                // Another transaction remembered it after our look, or forgot it: from the beginning.
                guard let id = ids[event] else { throw PostgresError.serializationFailure }
                return ConversationAPI.Received(conversationID: id)
            }
        }
    }

    /// For calls with one message, written together with those that arrive at the same time: a commit costs more than all else.
    ///
    /// What fails, fails for all of them: the routes have checked each, so that no fault can lie in one.
    func coalesced() -> Coalescer<ConversationAPI.Receive, ConversationAPI.Received> {
        Coalescer(
            maximumBatch: Self.coalescedMessages,
            maximumConcurrentBatches: Self.coalescedBatches,
            waitingLimit: Self.waitingMessages
        ) { messages in
            do {
                return try await self(messages).map { .success($0) }
            } catch {
                return messages.map { _ in .failure(error) }
            }
        }
    }

    /// Leaves in `messages` those that were known.
    private static func ids(
        of messages: inout [ReceivedEvent: ConversationAPI.Receive],
        at now: Timestamp,
        on connection: isolated PostgresConnection
    ) throws -> [ReceivedEvent: ConversationID] {
        let all = Array(messages.values)
        let rows = try connection.pipeline([
            ReceivedEventStore.open(all, at: now), ReceivedEventStore.remember(all, at: now),
        ])
        var ids: [ReceivedEvent: ConversationID] = [:]
        var receipts: [ConversationID: Receipt] = [:]
        for row in rows[1] {
            let conversation = try StoredConversation(row)
            let key: String = try row.get("event_key")
            let event = ReceivedEvent(orgID: conversation.orgID, accountID: conversation.accountID, key: key)
            guard let message = messages.removeValue(forKey: event) else { continue }
            let reopens = try row.getIfPresent("reopens_on_message", as: Bool.self) ?? OrgSettings().reopensOnMessage
            receipts[conversation.id, default: Receipt(conversation, reopens ? .reopens : .staysClosed)]
                .messages.append(message)
            ids[event] = conversation.id
        }
        let made = try Set(rows[0].map { try $0.get("id", as: ConversationID.self) })
        try self.write(receipts.values, made: made, at: now, on: connection)
        guard !messages.isEmpty else { return ids }
        let known = Array(messages.values)
        for (message, row) in zip(known, try connection.query(ReceivedEventStore.recall(known))) {
            ids[ReceivedEvent(message)] = try row.getIfPresent("conversation_id")
        }
        return ids
    }

    /// New messages of one conversation.
    private struct Receipt {
        let conversation: StoredConversation
        let onMessage: StoredConversation.OnMessage
        var messages: [ConversationAPI.Receive] = []

        init(_ conversation: StoredConversation, _ onMessage: StoredConversation.OnMessage) {
            self.conversation = conversation
            self.onMessage = onMessage
        }
    }

    private static func write(
        _ receipts: some Collection<Receipt>,
        made: Set<ConversationID>,
        at now: Timestamp,
        on connection: isolated PostgresConnection
    ) throws {
        guard !receipts.isEmpty else { return }
        var conversations: [StoredConversation] = []
        var activities: [Activity] = []
        for receipt in receipts {
            var conversation = receipt.conversation
            let isNew = made.contains(conversation.id)
            activities += conversation.receive(receipt.messages, isNew: isNew, receipt.onMessage, at: now)
            conversations.append(conversation)
        }
        let activity = activities.isEmpty ? [] : [ActivityStore.insert(activities)]
        try connection.pipeline([ConversationStore.write(conversations)] + activity)
    }
}
