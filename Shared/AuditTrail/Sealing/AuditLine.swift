import Crypto
import Foundation
import Postgres
import Shared

/// One line of a trail as it is stored, and what it is hashed to.
///
/// The hash holds a commitment to the detail in the place of the detail: SHA-256 of its salt and its text. An erasure takes both
/// and leaves the commitment, so the chain still holds; without the salt nobody finds the detail in it by trying.
struct AuditLine: Sendable {
    /// What `init` reads.
    static let columns: SQL = """
        org_id, id, at, actor, action, entity_type, entity_id, request_id, salt, detail, detail_hash, redacted_by
        """

    enum Redaction: Sendable, Equatable {
        case none
        /// By a line that says who was erased.
        case by(ID<AuditEvent>)
        /// The detail is gone, and nothing says why.
        case unexplained
    }

    let id: ID<AuditEvent>
    let at: Timestamp
    let redaction: Redaction
    let hash: [UInt8]

    init(_ row: Row) throws(PostgresError) {
        let (orgID, id, at): (OrgID, ID<AuditEvent>, Timestamp) = (
            try row.get("org_id"), try row.get("id"), try row.get("at")
        )
        let detail: String? = try row.getIfPresent("detail")
        let kept = try row.getIfPresent("detail_hash", as: ByteArray.self)?.bytes
        let reason: ID<AuditEvent>? = try row.getIfPresent("redacted_by")
        let salt: UUID? = try row.getIfPresent("salt")
        let commitment = detail.map { Self.commitment(to: $0, salt: salt) } ?? kept

        var parts = HashedParts("herald audit line 1")
        parts.add(orgID)
        parts.add(id)
        parts.add(at)
        for column in ["actor", "action", "entity_type"] { parts.add(try row.get(column, as: String.self)) }
        parts.add(try row.get("entity_id", as: UUID.self).bytes)
        parts.add(try row.getIfPresent("request_id", as: String.self))
        parts.add(commitment)
        (self.id, self.at, self.hash) = (id, at, parts.finish())
        self.redaction =
            if let reason { .by(reason) } else if detail == nil, kept != nil { .unexplained } else { .none }
    }

    /// As the function `redact_audit_events` of the databases makes it.
    private static func commitment(to detail: String, salt: UUID?) -> [UInt8] {
        Array(SHA256.hash(data: (salt?.bytes ?? []) + Array(detail.utf8)))
    }
}
