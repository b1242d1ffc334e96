import HTTPService
import Postgres
import Shared

/// What a list of customers is narrowed to.
enum CustomerCondition: Sendable, Equatable {
    case email(String)
    case external(String)
    case field(name: String, value: String)
    /// Digits that stand in one of the customer's telephone numbers.
    case phone(String)
    case name(beginsWith: String)
    case group(String)
    case guest(Bool)

    var isPhone: Bool { if case .phone = self { true } else { false } }

    /// Those that leave the fewest first.
    fileprivate var rank: Int {
        switch self {
        case .email, .external: 0
        case .phone: 1
        case .field: 2
        case .name: 3
        case .group: 4
        case .guest: 5
        }
    }
}

/// Finds customers, the newest first.
///
/// The condition that leaves the fewest is looked up in an index of its own, and only then are customers read. Left to
/// itself the planner would now and then walk through all of them.
struct CustomerSearch: Sendable {
    /// Numbers that a part of one may stand in and still be looked up by; of so many the newest customers are soon enough.
    static let mostPhones = 10_000

    let orgID: OrgID
    let conditions: [CustomerCondition]
    /// A part of a number that very many have: compared with the newest customers, one after another.
    private let commonPhone: CustomerCondition?

    init(orgID: OrgID, conditions: [CustomerCondition], isPhoneCommon: Bool = false) {
        let sorted = conditions.sorted { $0.rank < $1.rank }
        self.orgID = orgID
        self.commonPhone = isPhoneCommon ? sorted.first(where: \.isPhone) : nil
        self.conditions = sorted.filter { !isPhoneCommon || !$0.isPhone }
    }

    /// The same search, once it is known whether a part of a number is one that very many have.
    func counted(on connection: isolated PostgresConnection) throws(PostgresError) -> CustomerSearch {
        guard case .phone(let digits)? = self.conditions.first else { return self }
        let found = try connection.query(
            """
            SELECT count(*) AS count FROM (
                SELECT FROM phone_endings e WHERE e.org_id = \(self.orgID) AND \(PhoneStore.ends(with: digits))
                 LIMIT \(Self.mostPhones)::int) AS f
            """
        )
        let count: Int = try found[0].get("count")
        return CustomerSearch(
            orgID: self.orgID,
            conditions: self.conditions,
            isPhoneCommon: count == Self.mostPhones
        )
    }

    /// The ids of one page.
    func page(before cursor: CustomerID?, limit: Int) -> SQL {
        let common = self.commonPhone.map { " AND \(self.filter($0))" as SQL } ?? ""
        guard let first = self.conditions.first else {
            return """
                SELECT c.id FROM customers c
                 WHERE c.org_id = \(self.orgID) AND (\(cursor)::uuid IS NULL OR c.id < \(cursor))\(common)
                 ORDER BY c.id DESC LIMIT \(limit)::int
                """
        }
        let others = self.conditions.dropFirst().reduce("" as SQL) { "\($0) AND \(self.filter($1))" }
        // Where nothing else is asked, no more than a page is taken from the index.
        let cut: SQL =
            self.conditions.count == 1 && self.commonPhone == nil ? "ORDER BY id DESC LIMIT \(limit)::int" : ""
        return """
            WITH found AS MATERIALIZED (
                SELECT DISTINCT id FROM (\(self.source(first))) AS s
                 WHERE \(cursor)::uuid IS NULL OR id < \(cursor)
                \(cut)
            )
            SELECT c.id FROM (
                SELECT c.org_id, c.id FROM found f JOIN customers c ON c.org_id = \(self.orgID) AND c.id = f.id
                 WHERE true\(others)
                 ORDER BY c.id DESC
                -- What follows is compared last, with those who are left.
                OFFSET 0
            ) AS c
             WHERE true\(common)
             ORDER BY c.id DESC LIMIT \(limit)::int
            """
    }

    /// The ids of all customers of whom a condition holds.
    private func source(_ condition: CustomerCondition) -> SQL {
        switch condition {
        case .email(let value): self.identity(.email, value)
        case .external(let value): self.identity(.external, value)
        case .field(let name, let value):
            """
            SELECT customer_id AS id FROM customer_fields
             WHERE org_id = \(self.orgID) AND digest = \(Self.digest(name, value))
            """
        case .phone(let digits):
            """
            SELECT i.customer_id AS id FROM (
                SELECT e.value FROM phone_endings e
                 WHERE e.org_id = \(self.orgID) AND \(PhoneStore.ends(with: digits))
                UNION ALL \(PhoneStore.new(with: digits, of: self.orgID))
              ) AS e
              JOIN identities i ON i.org_id = \(self.orgID) AND i.value = e.value AND i.kind = 'phone'
            """
        case .name(let beginning):
            "SELECT id FROM customers c WHERE org_id = \(self.orgID) AND \(Self.begins(beginning))"
        case .group(let name):
            "SELECT customer_id AS id FROM group_members WHERE org_id = \(self.orgID) AND group_id = \(self.groupID(name))"
        case .guest(true): "SELECT id FROM customers WHERE org_id = \(self.orgID) AND is_guest"
        case .guest(false): "SELECT id FROM customers WHERE org_id = \(self.orgID) AND NOT is_guest"
        }
    }

    /// Whether a condition holds of the customer `c`.
    private func filter(_ condition: CustomerCondition) -> SQL {
        switch condition {
        case .email(let value), .external(let value):
            """
            EXISTS (SELECT FROM identities i WHERE i.org_id = c.org_id AND i.customer_id = c.id AND i.value = \(value)
                       AND i.kind = \(condition == .email(value) ? AddressKind.email : .external))
            """
        case .field(let name, let value):
            """
            EXISTS (SELECT FROM customer_fields f
                     WHERE f.org_id = c.org_id AND f.digest = \(Self.digest(name, value)) AND f.customer_id = c.id)
            """
        case .phone(let digits):
            // No EXISTS: customers are never to be found by way of all numbers.
            """
            (SELECT count(*) FROM identities i WHERE i.org_id = c.org_id AND i.customer_id = c.id AND i.kind = 'phone'
                AND i.value LIKE \("%\(digits)%")) > 0
            """
        case .name(let beginning): Self.begins(beginning)
        case .group(let name):
            """
            EXISTS (SELECT FROM group_members m
                     WHERE m.org_id = c.org_id AND m.group_id = \(self.groupID(name)) AND m.customer_id = c.id)
            """
        case .guest(true): "c.is_guest"
        case .guest(false): "NOT c.is_guest"
        }
    }

    private func identity(_ kind: AddressKind, _ value: String) -> SQL {
        """
        SELECT customer_id AS id FROM identities WHERE org_id = \(self.orgID) AND value = \(value) AND kind = \(kind)
        """
    }

    /// Looked up first: the key of `group_members` then has the group's customers in the order of their ids.
    private func groupID(_ name: String) -> SQL {
        "(SELECT id FROM groups WHERE org_id = \(self.orgID) AND name = \(name))"
    }

    /// From the beginning itself up to what no name with it can reach: the greatest of all characters after it.
    private static func begins(_ beginning: String) -> SQL {
        """
        c.name_key >= lower(\(beginning)::text COLLATE "und-x-icu") COLLATE "C"
        AND c.name_key < (lower(\(beginning)::text COLLATE "und-x-icu") || chr(1114111)) COLLATE "C"
        """
    }

    private static func digest(_ name: String, _ value: String) -> SQL {
        "md5(length(\(name)::text) || ':' || \(name) || \(value))::uuid"
    }
}
