import AuditTrail
import Postgres
import Shared

/// Makes a key; its text is in the answer and nowhere else.
struct CreateKey: Sendable {
    let pepper: KeyPepper

    /// Within a transaction of the organization's.
    func callAsFunction(
        _ key: NewKey,
        for acting: Acting,
        requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> (resource: KeyResource, token: KeyToken) {
        let token = KeyToken.make(.new(), mode: key.mode)
        let mac = self.pepper.mac(of: token)
        let audit = AuditRecord(
            .created,
            .apiKey,
            token.id,
            of: acting.orgID,
            by: acting.actor,
            requestID: requestID,
            [
                "scopes": .array(key.scopes.names.map { .string($0) }), "mode": .string(key.mode.rawValue),
                "expires_at": .text(key.expiresAt),
            ]
        )
        let store = KeyStore(orgID: acting.orgID)
        let resource = try store.insert(key, id: token.id, mac: mac, on: connection)
        try connection.query(AuditStore.insert(audit))
        return (resource, token)
    }
}
