package import Postgres
package import Shared

/// The statements on `audit_seals`, and on `audit_unsealed`, which names the lines that no seal has yet.
package enum SealStore {
    /// Organizations with lines to seal, in the order of their ids; a directory of ids, outside row-level security.
    static func waiting(after last: OrgID?, limit: Int) -> SQL {
        """
        SELECT DISTINCT org_id FROM audit_unsealed
         WHERE (\(last)::uuid IS NULL OR org_id > \(last)) ORDER BY org_id LIMIT \(limit)::int
        """
    }

    /// Keeps other replicas from doing the same for nothing; what keeps the chain one chain is the seals' primary key.
    static func tryLock(_ orgID: OrgID) -> SQL {
        "SELECT pg_try_advisory_xact_lock(7065, hashtext(\(orgID)::text)) AS is_held"
    }

    static let now: SQL = "SELECT clock_timestamp() AS now"

    static func head(of orgID: OrgID) -> SQL {
        """
        SELECT number, hash, through_id, settled_at FROM audit_seals
         WHERE org_id = \(orgID) ORDER BY number DESC LIMIT 1
        """
    }

    /// The next lines to seal from `front` on, by their ids.
    static func lines(of orgID: OrgID, from front: ID<AuditEvent>) -> SQL {
        """
        SELECT e.* FROM audit_unsealed u CROSS JOIN LATERAL (
            -- Not to be joined in another order: the trail is as long as all history.
            SELECT \(AuditLine.columns) FROM audit_events WHERE org_id = \(orgID) AND id = u.event_id OFFSET 0
         ) e
         WHERE u.org_id = \(orgID) AND u.event_id >= \(front) ORDER BY u.event_id LIMIT \(AuditSeal.mostLines)::int
        """
    }

    static func insert(_ seal: AuditSeal) -> [SQL] {
        let ids = seal.entries.map(\.id)
        return [
            """
            INSERT INTO audit_seals (org_id, number, event_ids, event_hashes, first_id, through_id, sealed_at, settled_at,
                                     previous, hash)
            VALUES (\(seal.orgID), \(seal.number)::bigint, \(ids)::uuid[],
                    \(ByteArray(bytes: seal.entries.flatMap(\.hash))), \(ids[0]), \(seal.throughID),
                    \(seal.sealedAt), \(seal.settledAt), \(ByteArray(bytes: seal.previous)), \(ByteArray(bytes: seal.hash)))
            """,
            Self.takeOut(ids, of: seal.orgID),
        ]
    }

    /// Takes out lines that have a seal now; `ids` in their order, and at least one.
    ///
    /// The bounds keep it from reading all that waits: ids alone may be compared with each of the organization's.
    package static func takeOut(_ ids: [ID<AuditEvent>], of orgID: OrgID) -> SQL {
        """
        DELETE FROM audit_unsealed
         WHERE org_id = \(orgID) AND event_id BETWEEN \(ids[0]) AND \(ids[ids.count - 1]) AND event_id = ANY (\(ids)::uuid[])
        """
    }
}

extension AuditSeal.Head {
    init(_ row: Row) throws(PostgresError) {
        self.number = try row.get("number")
        self.hash = try row.get("hash", as: ByteArray.self).bytes
        self.throughID = try row.get("through_id")
        self.settledAt = try row.get("settled_at")
    }
}
