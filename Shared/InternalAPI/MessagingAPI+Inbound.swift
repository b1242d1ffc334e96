package import Shared

extension MessagingAPI {
    /// Stores inbound messages, and answers the keywords among them: `POST /internal/messages/receive`.
    ///
    /// Repeating it changes nothing: a message is stored once for each event key. At most 1,000 items, of any organizations.
    /// - Returns: one answer for each item, in their order.
    package func receive(_ items: [Receive]) async throws -> [Received] {
        let answer: ReceiveAnswer = try await self.client.post(
            "/internal/messages/receive",
            ReceiveRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    package struct ReceiveRequest: Codable, Sendable {
        package let items: [Receive]

        package init(items: [Receive]) {
            self.items = items
        }
    }

    package struct ReceiveAnswer: Codable, Sendable {
        package let items: [Received]

        package init(items: [Received]) {
            self.items = items
        }
    }

    /// An inbound message whose customer and conversation are known.
    package struct Receive: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let accountID: AccountID
        package let customerID: CustomerID
        package let conversationID: ConversationID
        package let channel: Channel
        /// Nil when it is no keyword.
        package let keyword: Keyword?
        /// When it was sent, never after it arrived.
        package let occurredAt: Timestamp
        /// When it arrived here; of messages sent in the same second the order is that of their arrival.
        package let arrivedAt: Timestamp
        package let message: InboundMessage

        package init(
            orgID: OrgID,
            accountID: AccountID,
            customerID: CustomerID,
            conversationID: ConversationID,
            channel: Channel,
            keyword: Keyword?,
            occurredAt: Timestamp,
            arrivedAt: Timestamp,
            message: InboundMessage
        ) {
            self.orgID = orgID
            self.accountID = accountID
            self.customerID = customerID
            self.conversationID = conversationID
            self.channel = channel
            self.keyword = keyword
            self.occurredAt = occurredAt
            self.arrivedAt = arrivedAt
            self.message = message
        }
    }

    package struct Received: Codable, Sendable, Equatable {
        /// The stored message, of this delivery of the event or of an earlier one.
        package let messageID: MessageID

        package init(messageID: MessageID) {
            self.messageID = messageID
        }
    }
}
