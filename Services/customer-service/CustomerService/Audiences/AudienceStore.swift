import InternalAPI
import Postgres
import Shared

/// The statements that find the customers of an audience.
enum AudienceStore {
    /// Which of the groups there are.
    static func known(_ page: CustomerAPI.AudiencePage) -> SQL {
        "SELECT id FROM groups WHERE org_id = \(page.orgID) AND id = ANY (\(page.audience.groups)::uuid[])"
    }

    /// The ids of one page, the newest customer first: of each source no more than a page is read.
    static func customers(of page: CustomerAPI.AudiencePage) -> SQL {
        var sources = page.audience.groups.map { group -> SQL in
            """
            (SELECT customer_id AS id FROM group_members
              WHERE org_id = \(page.orgID) AND group_id = \(group)
                AND (\(page.after)::uuid IS NULL OR customer_id < \(page.after))
              ORDER BY customer_id DESC LIMIT \(page.limit)::int)
            """
        }
        if let filter = page.audience.filter {
            let search = CustomerSearch(orgID: page.orgID, conditions: filter.conditions)
            sources.append("(\(search.page(before: page.after, limit: page.limit)))")
        }
        guard let first = sources.first else { return "SELECT NULL::uuid AS id WHERE false" }
        let all = sources.dropFirst().reduce(first) { "\($0) UNION ALL \($1)" }
        return "SELECT DISTINCT id FROM (\(all)) AS s ORDER BY id DESC LIMIT \(page.limit)::int"
    }
}

extension CustomerAPI.AudienceFilter {
    fileprivate var conditions: [CustomerCondition] {
        var conditions = self.fields.sorted { $0.key < $1.key }.map {
            CustomerCondition.field(name: $0.key, value: $0.value)
        }
        if let group { conditions.append(.group(group)) }
        if let isGuest { conditions.append(.guest(isGuest)) }
        return conditions
    }
}
