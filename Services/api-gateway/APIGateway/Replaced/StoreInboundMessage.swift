import Foundation
import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Stores a message that a customer sent on a way that we do not see, in a conversation that there is.
struct StoreInboundMessage: Sendable {
    let forward: ForwardRequest
    let conversations: ConversationAPI
    let messages: MessagingAPI
    let time: GatewayTime

    /// The message as it is stored; a repeated idempotency key stores nothing more.
    ///
    /// - Throws: 404 `not-found` for a conversation that the organization does not have.
    func callAsFunction(
        _ message: ConversationMessage,
        _ request: Request,
        _ context: TenantRequestContext
    ) async throws -> JSONValue {
        guard let id = ConversationID(message.conversation) else { throw Problem.notFound }
        let json = try await self.forward.json(
            "/internal/conversations/\(id)",
            of: .conversationService,
            context
        )
        guard let customerID = json["customer_id"]?.string.flatMap({ CustomerID($0) }),
            let accountID = json["account_id"]?.string.flatMap({ AccountID($0) }),
            let channel = json["channel"]?.string.flatMap(Channel.init(rawValue:)),
            let address = json["address"]?.string
        else { throw Problem.unavailable(ServiceName.conversationService.rawValue) }
        guard channel == message.channel else {
            throw Problem.invalidRequest([
                .init(pointer: "/channel", detail: "must be that of the conversation, \(channel.rawValue)")
            ])
        }
        let key = try request.headers[.idempotencyKey].map { try IdempotencyKey($0).text } ?? UUID().uuidString
        let now = self.time.now()
        let sender = Address(recipient: address, on: channel)
        let inbound = InboundMessage(
            eventKey: "api:\(key)",
            providerMessageID: "api:\(key)",
            senders: [sender],
            content: InboundContent(kind: .text, body: message.body),
            occurredAt: now
        )
        _ = try await self.conversations.receive([
            .init(
                orgID: context.orgID,
                customerID: customerID,
                accountID: accountID,
                channel: channel,
                address: sender,
                eventKey: inbound.eventKey,
                keyword: nil,
                occurredAt: now
            )
        ])
        let received = try await self.messages.receive([
            .init(
                orgID: context.orgID,
                accountID: accountID,
                customerID: customerID,
                conversationID: id,
                channel: channel,
                keyword: nil,
                occurredAt: now,
                arrivedAt: now,
                message: inbound
            )
        ])
        guard let stored = received.first?.messageID else {
            throw Problem.unavailable(ServiceName.messagingService.rawValue)
        }
        return try await self.forward.json("/internal/messages/\(stored)", of: .messagingService, context)
    }
}
