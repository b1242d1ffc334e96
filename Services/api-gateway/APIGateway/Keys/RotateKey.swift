import AuditTrail
import Postgres
import Shared

/// Makes a key in another's place, which goes on for a while, so that its holder can change over without a gap.
///
/// A key and the one in its place make two at most: until the older has ended, neither is rotated again.
struct RotateKey: Sendable {
    enum Failure: Error, Equatable {
        case ended
        /// Another was made in its place before, and has not ended.
        case rotated(into: APIKeyID)
        /// The key that it replaces has not ended.
        case underWay(replacing: APIKeyID)
    }

    let pepper: KeyPepper

    /// What is asked for.
    struct Wish: Sendable {
        /// How long a rotated key goes on: not at all, to 30 days.
        private static let overlapSeconds = 0...(30 * 86_400)
        private static let ordinaryOverlapSeconds = 86_400

        /// Nil for the old key's.
        let name: String?
        let overlap: Duration

        /// - Throws: `Problem` `invalid-request` with every violation.
        init(_ body: JSONValue) throws(Problem) {
            var fields = JSONFields(body, at: "")
            self.name = fields.string("name", 1...200)
            fields.refuseControlCharacters(in: self.name, at: "name")
            let overlap = fields.int("overlap_seconds", Self.overlapSeconds) ?? Self.ordinaryOverlapSeconds
            self.overlap = .seconds(overlap)
            try fields.finish()
        }
    }

    /// Within a transaction of the organization's; whoever calls makes the directory forget the key then.
    ///
    /// - Throws: `Problem.notFound`; `Problem` `key-exceeds-maker`; `Failure`.
    func callAsFunction(
        _ id: APIKeyID,
        _ wish: Wish,
        by maker: Tenancy,
        at now: Timestamp,
        requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> (resource: KeyResource, token: KeyToken) {
        let store = KeyStore(orgID: maker.orgID)
        guard let old = try store.lock(id, on: connection) else { throw Problem.notFound }
        try Self.check(old, id, at: now, store, connection)
        let new = NewKey(
            name: wish.name ?? old.name,
            scopes: old.scopes,
            mode: old.mode,
            expiresAt: old.expiresAt,
            rateLimit: old.rateLimit
        )
        try new.check(within: maker)
        let token = KeyToken.make(.new(), mode: new.mode)
        let mac = self.pepper.mac(of: token)
        let resource = try store.insert(new, id: token.id, mac: mac, replacing: id, on: connection)
        let end = now + wish.overlap
        try store.end(id, at: end, on: connection)
        try connection.query(AuditStore.insert(Self.audit(id, token.id, end, maker, requestID)))
        return (resource, token)
    }

    private static func check(
        _ key: LockedKey,
        _ id: APIKeyID,
        at now: Timestamp,
        _ store: KeyStore,
        _ connection: isolated PostgresConnection
    ) throws {
        guard !key.isRevoked, key.expiresAt.map({ $0 > now }) ?? true else { throw Failure.ended }
        if let successor = try store.liveSuccessor(of: id, at: now, on: connection) {
            throw Failure.rotated(into: successor)
        }
        if let replaced = key.replaces, try store.isLive(replaced, at: now, on: connection) {
            throw Failure.underWay(replacing: replaced)
        }
    }

    private static func audit(
        _ old: APIKeyID,
        _ new: APIKeyID,
        _ end: Timestamp,
        _ maker: Tenancy,
        _ requestID: String
    ) -> [AuditRecord] {
        let details: [(AuditRecord.Action, APIKeyID, JSONObject)] = [
            (.created, new, ["act": "rotate", "replaces": .text(old)]),
            (.updated, old, ["act": "rotate", "replaced_by": .text(new), "ends_at": .text(end)]),
        ]
        return details.map { action, id, detail in
            AuditRecord(action, .apiKey, id, of: maker.orgID, by: maker.actor, requestID: requestID, detail)
        }
    }
}
