import PhoneNumbers
import Postgres
import Shared

/// A customer as the public API shows them.
struct CustomerResource: Sendable {
    let id: CustomerID
    let json: JSONValue

    init(_ row: Row, identities: [JSONValue], groups: [String]) throws(PostgresError) {
        self.id = try row.get("id")
        let profile = try CustomerProfile(row)
        self.json = .object(members: [
            ("id", .text(self.id)), ("org_id", .string(try row.get("org_id"))), ("name", .text(profile.name)),
            ("first_name", .text(profile.firstName)), ("guest", .bool(profile.isGuest)),
            ("timezone", .text(profile.timezone)), ("language", .text(profile.language)),
            ("identities", .array(identities)), ("groups", .array(groups.map { .string($0) })),
            ("fields", .object(profile.fields)),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
            ("updated_at", .text(try row.get("updated_at", as: Timestamp.self))),
        ])
    }

    /// One address of a customer.
    static func identity(_ row: Row) throws(PostgresError) -> JSONValue {
        let (kind, value): (AddressKind, String) = (try row.get("kind"), try row.get("value"))
        var members: [(String, JSONValue)] = [("kind", .string(kind.rawValue)), ("value", .string(value))]
        if kind == .phone, let details = PhoneNumber.details(of: value) {
            members += [("region", .text(details.region?.rawValue)), ("type", .string(details.kind.rawValue))]
        }
        members.append(("created_at", .text(try row.get("created_at", as: Timestamp.self))))
        return .object(members: members)
    }
}
