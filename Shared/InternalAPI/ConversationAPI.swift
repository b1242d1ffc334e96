package import Shared

/// The client of conversation-service, and the types both sides compile against.
package struct ConversationAPI: Sendable {
    let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Finds the conversation of each customer and account, and opens those that are missing: `POST /internal/conversations/resolve`.
    ///
    /// Repeating it changes nothing. At most 1,000 items, of any organizations.
    /// - Returns: one answer for each item, in their order.
    package func resolve(_ items: [Resolve]) async throws -> [ConversationID] {
        let answer: ResolveAnswer = try await self.client.post(
            "/internal/conversations/resolve",
            ResolveRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    /// Looks up conversations by id: `POST /internal/conversations/find`.
    ///
    /// - Returns: one answer for each item, in their order; nil where the organization has no such conversation.
    package func find(_ items: [Find]) async throws -> [Found?] {
        let answer: FindAnswer = try await self.client.post(
            "/internal/conversations/find",
            FindRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    package struct ResolveRequest: Sendable {
        package let items: [Resolve]

        package init(items: [Resolve]) {
            self.items = items
        }
    }

    package struct ResolveAnswer: Sendable {
        package let items: [ConversationID]

        package init(items: [ConversationID]) {
            self.items = items
        }
    }

    package struct Resolve: Sendable, Equatable {
        package let orgID: OrgID
        package let customerID: CustomerID
        package let accountID: AccountID
        package let channel: Channel
        /// Where the customer is reached in this conversation.
        package let address: Address

        package init(
            orgID: OrgID,
            customerID: CustomerID,
            accountID: AccountID,
            channel: Channel,
            address: Address
        ) {
            self.orgID = orgID
            self.customerID = customerID
            self.accountID = accountID
            self.channel = channel
            self.address = address
        }
    }

    package struct FindRequest: Codable, Sendable {
        package let items: [Find]

        package init(items: [Find]) {
            self.items = items
        }
    }

    package struct FindAnswer: Codable, Sendable {
        package let items: [Found?]

        package init(items: [Found?]) {
            self.items = items
        }
    }

    package struct Find: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let id: ConversationID

        package init(orgID: OrgID, id: ConversationID) {
            self.orgID = orgID
            self.id = id
        }
    }

    package struct Found: Codable, Sendable, Equatable {
        package let id: ConversationID
        package let customerID: CustomerID
        package let accountID: AccountID
        package let channel: Channel
        package let address: Address

        package init(
            id: ConversationID,
            customerID: CustomerID,
            accountID: AccountID,
            channel: Channel,
            address: Address
        ) {
            self.id = id
            self.customerID = customerID
            self.accountID = accountID
            self.channel = channel
            self.address = address
        }
    }
}
