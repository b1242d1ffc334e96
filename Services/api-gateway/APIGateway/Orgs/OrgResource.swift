import Postgres
package import Shared

/// An organization as the public API shows it.
package struct OrgResource: Sendable {
    package let id: OrgID
    package let name: String
    package let slug: String
    package let isSMSVerified: Bool
    package let isSuspended: Bool
    package let isSandbox: Bool
    package let settings: JSONObject
    /// Of its requests; nil for the installation's.
    package let rateLimit: RateLimit?
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    init(_ row: Row) throws {
        self.id = try row.get("org_id")
        self.name = try row.get("name")
        self.slug = try row.get("slug")
        self.isSMSVerified = try row.get("sms_verified")
        self.isSuspended = try row.get("suspended")
        self.isSandbox = try row.get("sandbox")
        let settings: String = try row.get("settings")
        self.settings = try JSONValue(parsing: Array(settings.utf8)).object ?? [:]
        self.rateLimit = try RateLimit(row)
        self.createdAt = try row.get("created_at")
        self.updatedAt = try row.get("updated_at")
    }

    package var json: JSONValue {
        .object(members: [
            ("id", .text(self.id)), ("name", .string(self.name)), ("slug", .string(self.slug)),
            ("sms_verified", .bool(self.isSMSVerified)), ("suspended", .bool(self.isSuspended)),
            ("sandbox", .bool(self.isSandbox)), ("settings", .object(self.settings)),
            ("rate_limit", self.rateLimit.json),
            ("created_at", .text(self.createdAt)), ("updated_at", .text(self.updatedAt)),
        ])
    }
}
