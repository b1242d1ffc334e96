package import Shared

extension CustomerAPI {
    /// Asks how many messages a recipient got, as far as a cap counts them: `POST /internal/policy/sends`.
    ///
    /// - Returns: nil for a customer whom the organization does not have; of an address that nobody has there are none.
    package func sends(_ query: SendsQuery) async throws -> Sends? {
        let answer: SendsAnswer = try await self.client.post("/internal/policy/sends", query, repeatable: true)
        return answer.sends
    }

    package struct SendsQuery: Codable, Sendable {
        package enum Recipient: Codable, Sendable {
            case customer(CustomerID)
            case address(Address)
        }

        package let orgID: OrgID
        package let recipient: Recipient
        /// The window's beginning, by the organization's clock.
        package let since: Timestamp
        /// Nil where nothing is capped.
        package let cap: Int?

        package init(orgID: OrgID, recipient: Recipient, since: Timestamp, cap: Int?) {
            self.orgID = orgID
            self.recipient = recipient
            self.since = since
            self.cap = cap
        }
    }

    package struct Sends: Codable, Sendable, Equatable {
        /// Nil where nobody has the address.
        package let customerID: CustomerID?
        /// Within the window.
        package let count: Int
        /// The first that will leave the window.
        package let oldest: Timestamp?
        /// The one that must leave it before the next can be sent; nil while there is room.
        package let blocking: Timestamp?

        package init(customerID: CustomerID?, count: Int, oldest: Timestamp?, blocking: Timestamp?) {
            self.customerID = customerID
            self.count = count
            self.oldest = oldest
            self.blocking = blocking
        }
    }

    package struct SendsAnswer: Codable, Sendable {
        package let sends: Sends?

        package init(sends: Sends?) {
            self.sends = sends
        }
    }
}
