import HTTPService
import HTTPTypes
import Hummingbird
import Postgres
import Secrets
import Shared

/// Makes something once for an idempotency key: the key, the answer's bytes and what is made are one transaction.
struct CreateOnce: Sendable {
    let postgres: PostgresPool
    let fingerprint: Fingerprint

    /// What was made, as its caller is told.
    struct Created: Sendable {
        var status: HTTPResponse.Status = .created
        let json: JSONValue
        var location: String?
    }

    /// - Parameters:
    ///   - operation: names the kind of request; a key belongs to one.
    ///   - request: has a JSON body, and perhaps a key in its header or body.
    ///   - context: of the organization.
    ///   - limit: bytes of the body.
    ///   - create: is given the body without the key; what it throws undoes everything, and the key is free again.
    /// - Throws: 409 `idempotency-key-in-use`; 422 `idempotency-key-reused`; what `create` throws.
    /// - Returns: the answer, a stored one for a repeated key.
    func callAsFunction(
        _ operation: String,
        _ request: Request,
        _ context: OrgRequestContext,
        upTo limit: Int = Limits.bodyBytes,
        _ create: @Sendable (JSONValue, isolated PostgresConnection) throws -> Created
    ) async throws -> RawJSON {
        let whole = try await request.strictJSON(upTo: limit)
        let (key, body) = try Self.split(whole, header: request.headers[.idempotencyKey])
        guard let key else {
            let created = try await self.postgres.transaction(for: [context.orgID]) { try create(body, $0) }
            return Self.answer(created.json.bytes, created.status, created.location, isReplay: false)
        }
        let name = IdempotencyStore.Name(orgID: context.orgID, operation: operation, key: key.text)
        let fingerprint = self.fingerprint(of: whole)
        return try await self.postgres.transaction(for: [context.orgID], lockTimeout: .seconds(2)) { connection in
            guard try IdempotencyStore.take(name, fingerprint: fingerprint, on: connection) else {
                return try Self.replay(of: name, fingerprint: fingerprint, on: connection)
            }
            let created = try create(body, connection)
            let bytes = created.json.bytes
            let stored = IdempotencyStore.Answer(
                fingerprint: fingerprint,
                status: created.status.code,
                location: created.location,
                body: bytes
            )
            try connection.query(IdempotencyStore.keep(stored, for: name))
            return Self.answer(bytes, created.status, created.location, isReplay: false)
        }
    }

    private static func replay(
        of name: IdempotencyStore.Name,
        fingerprint: [UInt8],
        on connection: isolated PostgresConnection
    ) throws -> RawJSON {
        guard let stored = try IdempotencyStore.answer(of: name, on: connection) else {
            // It was removed for its age in this moment: from the beginning.
            throw PostgresError.serializationFailure
        }
        guard stored.fingerprint == fingerprint else { throw Problem.idempotencyKeyReused }
        return Self.answer(stored.body, .init(code: stored.status), stored.location, isReplay: true)
    }

    private static func answer(
        _ bytes: [UInt8],
        _ status: HTTPResponse.Status,
        _ location: String?,
        isReplay: Bool
    ) -> RawJSON {
        var headers: HTTPFields = [:]
        headers[.location] = location
        if isReplay { headers[.idempotencyReplayed] = "true" }
        return RawJSON(bytes, status: status, headers: headers)
    }

    /// The key of a request, from its header or its body, and the body without it.
    private static func split(
        _ body: JSONValue,
        header: String?
    ) throws(Problem) -> (key: IdempotencyKey?, body: JSONValue) {
        var key = try header.map { text throws(Problem) in try IdempotencyKey(text) }
        guard case .object(var object) = body, let member = object["idempotency_key"] else { return (key, body) }
        object["idempotency_key"] = JSONValue?.none
        guard !member.isNull else { return (key, .object(object)) }
        guard let inBody = member.string.flatMap({ try? IdempotencyKey($0) }) else {
            throw .invalidRequest([
                .init(
                    pointer: "/idempotency_key",
                    detail: "must have 1 to 255 printable ASCII characters, without spaces"
                )
            ])
        }
        if let key, key != inBody {
            throw .invalidRequest([
                .init(pointer: "/idempotency_key", detail: "must be the same as in the Idempotency-Key header")
            ])
        }
        key = inBody
        return (key, .object(object))
    }
}
