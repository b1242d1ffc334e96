package import Shared

/// The client of customer-service, and the types both sides compile against.
package struct CustomerAPI: Sendable {
    let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Finds the customer of each address, and makes those that are missing: `POST /internal/customers/resolve`.
    ///
    /// Repeating it changes nothing. At most 1,000 items, of any organizations.
    /// - Returns: one answer for each item, in their order.
    package func resolve(_ items: [Resolve]) async throws -> [Resolved] {
        let answer: ResolveAnswer = try await self.client.post(
            "/internal/customers/resolve",
            ResolveRequest(items: items),
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
        package let items: [Resolved]

        package init(items: [Resolved]) {
            self.items = items
        }
    }

    /// Whom a message is for: an address, or a customer who has one.
    package enum Resolve: Sendable, Equatable {
        case address(orgID: OrgID, Address)
        /// The customer's first address of one of `kinds`, in their order.
        case customer(orgID: OrgID, id: CustomerID, kinds: [AddressKind])

        package var orgID: OrgID {
            switch self {
            case .address(let orgID, _): orgID
            case .customer(let orgID, _, _): orgID
            }
        }
    }

    package enum Resolved: Sendable, Equatable {
        case found(CustomerID, Address)
        case noSuchCustomer
        /// The customer exists, but has no address of the kinds asked for.
        case noSuchAddress
    }
}
