package import Shared

extension ConversationAPI {
    /// Puts inbound messages down in their conversations, and opens those that are missing: `POST /internal/conversations/receive`.
    ///
    /// Repeating an event changes nothing, and the order of events does not matter. At most 1,000 items, of any organizations.
    /// - Returns: one answer for each item, in their order.
    package func receive(_ items: [Receive]) async throws -> [Received] {
        let answer: ReceiveAnswer = try await self.client.post(
            "/internal/conversations/receive",
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

    /// An inbound message, as far as it concerns its conversation.
    package struct Receive: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let customerID: CustomerID
        package let accountID: AccountID
        package let channel: Channel
        /// Where the customer wrote from, and is reached.
        package let address: Address
        package let eventKey: String
        package let keyword: Keyword?
        /// In the place of a message: that the customer wants no more marketing.
        ///
        /// It is told in the timeline, and nothing waits to be read.
        package let optOut: OptOut?
        /// When it was sent, never after it arrived.
        package let occurredAt: Timestamp

        package init(
            orgID: OrgID,
            customerID: CustomerID,
            accountID: AccountID,
            channel: Channel,
            address: Address,
            eventKey: String,
            keyword: Keyword?,
            optOut: OptOut? = nil,
            occurredAt: Timestamp
        ) {
            self.orgID = orgID
            self.customerID = customerID
            self.accountID = accountID
            self.channel = channel
            self.address = address
            self.eventKey = eventKey
            self.keyword = keyword
            self.optOut = optOut
            self.occurredAt = occurredAt
        }
    }

    package struct Received: Codable, Sendable, Equatable {
        package let conversationID: ConversationID

        package init(conversationID: ConversationID) {
            self.conversationID = conversationID
        }
    }
}
