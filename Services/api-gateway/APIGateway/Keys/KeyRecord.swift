import Postgres
package import Shared

/// What is known of a key, and of its organization, when a request is judged.
package struct KeyRecord: Sendable {
    package let id: APIKeyID
    package let orgID: OrgID
    package let scopes: Scopes
    package let mode: KeyMode
    package let secretMAC: [UInt8]
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?
    /// Its own; nil when only its organization's holds.
    package let rateLimit: RateLimit?
    package let org: OrgState

    package init(
        id: APIKeyID,
        orgID: OrgID,
        scopes: Scopes,
        mode: KeyMode,
        secretMAC: [UInt8],
        expiresAt: Timestamp?,
        revokedAt: Timestamp?,
        rateLimit: RateLimit? = nil,
        org: OrgState
    ) {
        self.id = id
        self.orgID = orgID
        self.scopes = scopes
        self.mode = mode
        self.secretMAC = secretMAC
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.rateLimit = rateLimit
        self.org = org
    }

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        self.orgID = try row.get("org_id")
        let scopes: [String] = try row.get("scopes")
        // A scope that this version does not know allows nothing.
        self.scopes = Scopes(scopes.compactMap(Scope.init(rawValue:)))
        self.mode = try row.keyMode
        self.secretMAC = try row.get("secret_mac", as: ByteArray.self).bytes
        self.expiresAt = try row.getIfPresent("expires_at")
        self.revokedAt = try row.getIfPresent("revoked_at")
        self.rateLimit = try RateLimit(row, prefix: "key_")
        self.org = try OrgState(row)
    }
}

/// What every request of an organization depends on.
package struct OrgState: Sendable, Equatable {
    package let isSuspended: Bool
    package let isSandbox: Bool
    /// Its setting `default_region`.
    package let defaultRegion: PhoneRegion?
    /// Nil for the installation's.
    package let rateLimit: RateLimit?
    /// Its setting `schedule_lead_minutes`.
    package let scheduleLeadMinutes: Int

    package init(
        isSuspended: Bool,
        isSandbox: Bool,
        defaultRegion: PhoneRegion? = nil,
        rateLimit: RateLimit? = nil,
        scheduleLeadMinutes: Int = 0
    ) {
        self.isSuspended = isSuspended
        self.isSandbox = isSandbox
        self.defaultRegion = defaultRegion
        self.rateLimit = rateLimit
        self.scheduleLeadMinutes = scheduleLeadMinutes
    }

    init(_ row: Row) throws(PostgresError) {
        self.isSuspended = try row.get("suspended")
        self.isSandbox = try row.get("sandbox")
        // What was stored before the setting was known, and is none, counts as absent.
        self.defaultRegion = try row.getIfPresent("default_region").flatMap(PhoneRegion.init(rawValue:))
        self.rateLimit = try RateLimit(row)
        let minutes = try row.getIfPresent("schedule_lead_minutes", as: Double.self).flatMap { Int(exactly: $0) } ?? 0
        self.scheduleLeadMinutes = OrgSettings.scheduleLeadRange.contains(minutes) ? minutes : 0
    }
}

extension Row {
    /// The column `mode`.
    var keyMode: KeyMode {
        get throws(PostgresError) {
            guard let mode = KeyMode(rawValue: try self.get("mode")) else {
                throw .decoding(column: "mode", type: "KeyMode")
            }
            return mode
        }
    }
}
