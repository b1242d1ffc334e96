package import Shared

extension CustomerAPI {
    /// Asks what is known of customers, as texts for templates: `POST /internal/customers/values`.
    ///
    /// At most 1,000 items, of any organizations.
    /// - Returns: of each item, in their order, the values that are known of those asked for; nil where there is no such customer.
    package func values(_ items: [ValuesQuestion]) async throws -> [[String: String]?] {
        let answer: ValuesAnswer = try await self.client.post(
            "/internal/customers/values",
            ValuesRequest(items: items),
            repeatable: true
        )
        return answer.items
    }

    package struct ValuesRequest: Codable, Sendable {
        package let items: [ValuesQuestion]

        package init(items: [ValuesQuestion]) {
            self.items = items
        }
    }

    package struct ValuesAnswer: Codable, Sendable {
        package let items: [[String: String]?]

        package init(items: [[String: String]?]) {
            self.items = items
        }
    }

    /// What a template says of one customer.
    package struct ValuesQuestion: Codable, Sendable, Equatable {
        package enum Whom: Codable, Sendable, Equatable {
            case customer(CustomerID)
            /// Whoever has it; nobody is made.
            case address(Address)
        }

        package let orgID: OrgID
        package let whom: Whom
        /// `name`, `first_name`, `language`, `timezone`, or fields of the organization's own.
        package let names: [String]

        package init(orgID: OrgID, whom: Whom, names: [String]) {
            self.orgID = orgID
            self.whom = whom
            self.names = names
        }
    }
}
