import Postgres
import Shared

/// A link of an organization's chain: it vouches for some lines, and by the hash of the seal before it for all before them.
struct AuditSeal: Sendable {
    /// Lines of one seal; 24 KB, so that a transaction is short and a step of the verification small.
    static let mostLines = 500

    struct Entry: Sendable, Equatable {
        let id: ID<AuditEvent>
        let hash: [UInt8]
    }

    /// The end of a chain.
    struct Head: Sendable, Equatable {
        let number: Int
        let hash: [UInt8]
        let throughID: ID<AuditEvent>
        let settledAt: Timestamp

        /// Before the first seal.
        static let none = Head(
            number: 0,
            hash: Array(repeating: 0, count: HashedParts.length),
            throughID: .first(at: .epoch),
            settledAt: .epoch
        )
    }

    let orgID: OrgID
    /// 1, 2, 3, … without a gap.
    let number: Int
    /// By their ids.
    let entries: [Entry]
    /// The greatest id in this seal and all before it.
    let throughID: ID<AuditEvent>
    let sealedAt: Timestamp
    /// When last every line had been sealed: what is sealed later was written later.
    let settledAt: Timestamp
    let previous: [UInt8]
    /// As it is stored.
    let hash: [UInt8]

    var head: Head {
        Head(number: self.number, hash: self.hash, throughID: self.throughID, settledAt: self.settledAt)
    }

    /// Makes the next link of `lines`, of which there is at least one, sorted by their ids; `isComplete` when no other line may
    /// wait.
    init(_ lines: [AuditLine], of orgID: OrgID, after head: Head, at now: Timestamp, isComplete: Bool) {
        self.orgID = orgID
        self.number = head.number + 1
        self.entries = lines.map { Entry(id: $0.id, hash: $0.hash) }
        self.throughID = max(head.throughID, lines.last?.id ?? head.throughID)
        self.sealedAt = now
        self.settledAt = isComplete ? now : head.settledAt
        self.previous = head.hash
        self.hash = Self.hash(orgID, self.number, self.entries, self.throughID, now, self.settledAt, head.hash)
    }

    init(_ row: Row) throws(PostgresError) {
        let hashes = try row.get("event_hashes", as: ByteArray.self).bytes
        let ids: [ID<AuditEvent>] = try row.get("event_ids")
        self.orgID = try row.get("org_id")
        self.number = try row.get("number")
        self.entries = ids.enumerated().map { place, id in
            Entry(id: id, hash: Array(hashes.dropFirst(place * HashedParts.length).prefix(HashedParts.length)))
        }
        self.throughID = try row.get("through_id")
        self.sealedAt = try row.get("sealed_at")
        self.settledAt = try row.get("settled_at")
        self.previous = try row.get("previous", as: ByteArray.self).bytes
        self.hash = try row.get("hash", as: ByteArray.self).bytes
    }

    /// Whether the seal holds what it was made of.
    var isIntact: Bool {
        self.hash
            == Self.hash(
                self.orgID,
                self.number,
                self.entries,
                self.throughID,
                self.sealedAt,
                self.settledAt,
                self.previous
            )
    }

    private static func hash(
        _ orgID: OrgID,
        _ number: Int,
        _ entries: [Entry],
        _ throughID: ID<AuditEvent>,
        _ sealedAt: Timestamp,
        _ settledAt: Timestamp,
        _ previous: [UInt8]
    ) -> [UInt8] {
        var parts = HashedParts("herald audit seal 1")
        parts.add(orgID)
        parts.add(number)
        parts.add(throughID)
        parts.add(sealedAt)
        parts.add(settledAt)
        parts.add(previous)
        for entry in entries {
            parts.add(entry.id)
            parts.add(entry.hash)
        }
        return parts.finish()
    }
}
