package import Shared

extension CustomerAPI {
    /// Most customers of one page.
    package static let mostAudience = 5000

    /// Asks which customers an organization means by groups and a filter, a page at a time: `POST /internal/customers/audience`.
    ///
    /// The newest customer first; each once, in however many of the groups.
    package func audience(_ page: AudiencePage) async throws -> AudienceAnswer {
        try await self.client.post("/internal/customers/audience", page, repeatable: true)
    }

    /// Whom a broadcast means besides the recipients it names: the members of any of the groups, and whoever fits the filter.
    package struct Audience: Codable, Sendable, Equatable {
        package enum Group {}

        package let groups: [ID<Group>]
        package let filter: AudienceFilter?

        package init(groups: [ID<Group>], filter: AudienceFilter?) {
            self.groups = groups
            self.filter = filter
        }
    }

    /// Customers of whom all of it is true.
    package struct AudienceFilter: Codable, Sendable, Equatable {
        /// Fields of the organization's own, with the values they must have; at most 5.
        package let fields: [String: String]
        /// A group by its name.
        package let group: String?
        package let isGuest: Bool?

        package init(fields: [String: String], group: String?, isGuest: Bool?) {
            self.fields = fields
            self.group = group
            self.isGuest = isGuest
        }
    }

    package struct AudiencePage: Codable, Sendable {
        package let orgID: OrgID
        package let audience: Audience
        /// The last customer of the page before; nil for the first page.
        package let after: CustomerID?
        /// 0 to `mostAudience`.
        package let limit: Int

        package init(orgID: OrgID, audience: Audience, after: CustomerID?, limit: Int) {
            self.orgID = orgID
            self.audience = audience
            self.after = after
            self.limit = limit
        }
    }

    package struct AudienceAnswer: Codable, Sendable {
        package let customers: [CustomerID]
        /// Groups that the organization does not have.
        package let unknownGroups: [ID<Audience.Group>]

        package init(customers: [CustomerID], unknownGroups: [ID<Audience.Group>]) {
            self.customers = customers
            self.unknownGroups = unknownGroups
        }
    }
}
