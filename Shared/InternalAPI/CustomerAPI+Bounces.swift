package import Shared

extension CustomerAPI {
    /// Puts addresses on the do-not-contact list that take no mail for good: `POST /internal/suppressions/bounced`.
    ///
    /// Repeating it changes nothing, unless somebody took an address off the list meanwhile.
    package func suppressBounced(_ bounces: [Bounce]) async throws {
        let _: Suppressed = try await self.client.post(
            "/internal/suppressions/bounced",
            BounceRequest(bounces: bounces),
            repeatable: true
        )
    }

    /// An address, and the message that did not reach it.
    package struct Bounce: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let messageID: MessageID
        package let email: String

        package init(orgID: OrgID, messageID: MessageID, email: String) {
            self.orgID = orgID
            self.messageID = messageID
            self.email = email
        }
    }

    package struct BounceRequest: Codable, Sendable {
        /// At most 1,000, of any organizations.
        package let bounces: [Bounce]

        package init(bounces: [Bounce]) {
            self.bounces = bounces
        }
    }

    package struct Suppressed: Codable, Sendable {
        package init() {}
    }
}
