package import Shared

extension CustomerAPI {
    /// Asks whether the recipients of messages want them: `POST /internal/consents/check`.
    ///
    /// At most 1,000 items, of any organizations. What was answered 200 before this call, be it an opt-out, counts.
    /// - Returns: one answer for each item, in their order.
    package func checkConsents(_ items: [ConsentCheck]) async throws -> [ConsentVerdict] {
        let answer: ConsentCheckAnswer = try await self.client.post(
            "/internal/consents/check",
            ConsentCheckRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    package struct ConsentCheckRequest: Codable, Sendable {
        package let items: [ConsentCheck]

        package init(items: [ConsentCheck]) {
            self.items = items
        }
    }

    package struct ConsentCheckAnswer: Codable, Sendable {
        package let items: [ConsentVerdict]

        package init(items: [ConsentVerdict]) {
            self.items = items
        }
    }

    /// A message, as far as its recipient's consent goes.
    package struct ConsentCheck: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let customerID: CustomerID
        package let address: Address
        package let channel: Channel
        package let category: Category
        /// The organization's policy: who was never asked gets no marketing.
        package let marketingNeedsOptIn: Bool

        package init(
            orgID: OrgID,
            customerID: CustomerID,
            address: Address,
            channel: Channel,
            category: Category,
            marketingNeedsOptIn: Bool
        ) {
            self.orgID = orgID
            self.customerID = customerID
            self.address = address
            self.channel = channel
            self.category = category
            self.marketingNeedsOptIn = marketingNeedsOptIn
        }
    }

    package enum ConsentVerdict: Codable, Sendable, Equatable {
        case allowed
        case blocked(ConsentBlock)
    }

    /// Why a message is not sent.
    package enum ConsentBlock: String, Codable, Sendable, Equatable {
        /// The address is on the do-not-contact list.
        case suppressed
        case optedOut = "opted_out"
        case notOptedIn = "not_opted_in"
    }
}
