import Postgres
import Shared

/// An address to which nothing is sent.
enum Suppression {}

typealias SuppressionID = ID<Suppression>

/// A line of the do-not-contact list as the public API shows it.
struct SuppressionResource: Sendable {
    let id: SuppressionID
    let json: JSONValue

    init(_ row: Row) throws(PostgresError) {
        self.id = try row.get("id")
        self.json = .object(members: [
            ("id", .text(self.id)), ("org_id", .string(try row.get("org_id"))),
            ("address", Self.address(try row.get("value"))),
            ("channel", .text(try row.getIfPresent("channel", as: String.self))),
            ("reason", .text(try row.getIfPresent("reason", as: String.self))),
            ("expires_at", .text(try row.getIfPresent("expires_at", as: Timestamp.self))),
            ("created_at", .text(try row.get("created_at", as: Timestamp.self))),
            ("updated_at", .text(try row.get("updated_at", as: Timestamp.self))),
        ])
    }
}

extension SuppressionResource {
    /// Null where it was erased: then it is still recognised, and known to nobody.
    private static func address(_ value: String) -> JSONValue {
        value.hasPrefix(Erased.prefix) ? .null : .string(value)
    }
}

/// The statements on the table `suppressions`.
enum SuppressionStore {
    /// Adds an address, or gives it another reason and end where it is on the list already.
    static func save(
        _ suppression: NewSuppression,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> (resource: SuppressionResource, isNew: Bool) {
        let id = SuppressionID.new()
        let rows = try connection.query(
            """
            INSERT INTO suppressions (org_id, id, value, kind, channel, reason, expires_at)
            VALUES (\(orgID), \(id), \(suppression.address.value), \(suppression.address.kind), \(suppression.channel),
                    \(suppression.reason), \(suppression.expiresAt))
            ON CONFLICT ON CONSTRAINT suppression_known DO UPDATE
               SET reason = excluded.reason, expires_at = excluded.expires_at, updated_at = now()
            RETURNING *
            """
        )
        let resource = try SuppressionResource(rows[0])
        return (resource, resource.id == id)
    }

    /// The reason of those that were added because a mail came back.
    static let bounced = "bounced"

    /// Adds an address for ever whose mails come back; a row when that changed something: what is on the list for ever stays as it is.
    static func bounce(_ address: Address, of orgID: OrgID) -> SQL {
        """
        INSERT INTO suppressions AS s (org_id, id, value, kind, channel, reason)
        VALUES (\(orgID), \(SuppressionID.new()), \(address.value), \(address.kind), \(Channel.email), \(self.bounced))
        ON CONFLICT ON CONSTRAINT suppression_known DO UPDATE
           SET reason = excluded.reason, expires_at = NULL, updated_at = now() WHERE s.expires_at IS NOT NULL
        RETURNING id, xmax = 0 AS is_new
        """
    }

    static func find(_ id: SuppressionID, of orgID: OrgID) -> SQL {
        "SELECT * FROM suppressions WHERE org_id = \(orgID) AND id = \(id)"
    }

    static func remove(_ id: SuppressionID, of orgID: OrgID) -> SQL {
        "DELETE FROM suppressions WHERE org_id = \(orgID) AND id = \(id) RETURNING id"
    }

    /// One page, the newest first; with `address` only what is about it.
    static func list(
        of orgID: OrgID,
        address: String?,
        channels: [Channel]?,
        before cursor: SuppressionID?,
        limit: Int
    ) -> SQL {
        """
        SELECT * FROM suppressions
         WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
           AND (\(address)::text IS NULL OR value = \(address))
           AND (\(channels)::channel[] IS NULL OR channel = ANY (\(channels)))
         ORDER BY id DESC LIMIT \(limit)::int
        """
    }
}
