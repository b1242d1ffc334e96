import InternalAPI
import Shared

/// Passes on what customers wrote: who they are, in which conversation, and then the message itself.
///
/// Each of the three calls is known by the event's key, so that all may be repeated whenever one of them failed.
struct PassMessages: PassEvents {
    /// What one call takes.
    static let limit = 1000

    let customers: any CustomerClient
    let conversations: any ConversationClient
    let messaging: any MessagingClient

    func callAsFunction(_ events: [ClaimedEvent]) async -> [PassVerdict] {
        await decoded(events, as: InboundMessage.self) { events in
            await passOn(events.map(ArrivedMessage.init), atMost: Self.limit) { messages in
                try await self.pass(messages)
            }
        }
    }

    private func pass(_ messages: [ArrivedMessage]) async throws {
        let customers = try await self.customers.receive(messages.map(\.customerItem))
        guard customers.count == messages.count else { throw Problem.unavailable("customer-service") }
        let known = zip(messages, customers.map(\.customerID))
        let conversations = try await self.conversations.receive(
            known.map { message, customerID in message.conversationItem(of: customerID) }
        )
        guard conversations.count == messages.count else { throw Problem.unavailable("conversation-service") }
        let stored = try await self.messaging.receive(
            zip(known, conversations.map(\.conversationID)).map { known, conversationID in
                known.0.messageItem(of: known.1, in: conversationID)
            }
        )
        guard stored.count == messages.count else { throw Problem.unavailable("messaging-service") }
    }
}
