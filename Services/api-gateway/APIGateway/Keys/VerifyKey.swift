import Shared

/// Finds out whose key a request carries.
package struct VerifyKey: Sendable {
    private let pepper: KeyPepper
    private let keys: KeyDirectory
    private let time: GatewayTime

    package init(pepper: KeyPepper, keys: KeyDirectory, time: GatewayTime) {
        self.pepper = pepper
        self.keys = keys
        self.time = time
    }

    /// Verifies a key; what is no key, by its form or checksum, costs no query.
    ///
    /// - Throws: `Problem.unauthorized` for what is malformed, unknown, wrong, revoked or expired, after the same work
    ///   and with the same body; what the database throws.
    package func callAsFunction(_ text: String) async throws -> KeyRecord {
        guard let token = KeyToken(text) else { throw Problem.unauthorized }
        let record = try await self.keys.key(token.id)
        let isRight = self.pepper.isValid(record?.secretMAC, for: token.signed)
        guard isRight, let record, record.mode == token.mode, record.revokedAt == nil,
            record.expiresAt.map({ $0 > self.time.now() }) ?? true
        else { throw Problem.unauthorized }
        return record
    }
}
