package import Shared

extension CustomerAPI {
    /// Finds who sent messages, and makes those who are not known; a keyword or an opt-out changes their consent:
    /// `POST /internal/customers/receive`.
    ///
    /// Repeating it changes nothing: the customers of an address stay, and of two keywords the later one counts, in whichever
    /// order they come. At most 1,000 items, of any organizations.
    /// - Returns: one answer for each item, in their order.
    package func receive(_ items: [Receive]) async throws -> [Received] {
        let answer: ReceiveAnswer = try await self.client.post(
            "/internal/customers/receive",
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

    /// An inbound message, as far as it says who its sender is and what they want.
    package struct Receive: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let accountID: AccountID
        package let eventKey: String
        package let channel: Channel
        /// Addresses of one person, the best first; at least one.
        ///
        /// Those that are nobody's yet become this person's.
        package let senders: [Address]
        /// A name for a customer who has none.
        package let profileName: String?
        package let keyword: Keyword?
        /// In the place of a message: that its sender wants no more marketing.
        package let optOut: OptOut?
        /// When it was sent, never after it arrived.
        package let occurredAt: Timestamp

        package init(
            orgID: OrgID,
            accountID: AccountID,
            eventKey: String,
            channel: Channel,
            senders: [Address],
            profileName: String?,
            keyword: Keyword?,
            optOut: OptOut? = nil,
            occurredAt: Timestamp
        ) {
            self.orgID = orgID
            self.accountID = accountID
            self.eventKey = eventKey
            self.channel = channel
            self.senders = senders
            self.profileName = profileName
            self.keyword = keyword
            self.optOut = optOut
            self.occurredAt = occurredAt
        }
    }

    package struct Received: Codable, Sendable, Equatable {
        package let customerID: CustomerID

        package init(customerID: CustomerID) {
            self.customerID = customerID
        }
    }
}
