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

    /// What is to be made, as its caller will be told.
    struct Creation: Sendable {
        let json: JSONValue
        /// Where it is found, by its id.
        let location: @Sendable (String) -> String
        let write: @Sendable (isolated PostgresConnection) throws -> Void
    }

    /// - Parameters:
    ///   - operation: names the kind of request; a key belongs to one.
    ///   - request: has a JSON body, and perhaps a key in its header or body.
    ///   - context: of the organization.
    ///   - read: is given the body without the key.
    /// - Throws: 409 `idempotency-key-in-use`; 422 `idempotency-key-reused`; what reading and writing throw.
    /// - Returns: 201 with the answer, a stored one for a repeated key.
    func callAsFunction(
        _ operation: String,
        _ request: Request,
        _ context: OrgRequestContext,
        _ read: (JSONValue) throws -> Creation
    ) async throws -> RawJSON {
        let whole = try await request.strictJSON()
        let (key, body) = try Self.split(whole, header: request.headers[.idempotencyKey])
        let creation = try read(body)
        guard let key else {
            try await self.postgres.transaction(for: [context.orgID]) { try creation.write($0) }
            return Self.answer(creation.json, creation, isReplay: false)
        }
        let stored = IdempotencyStore.Answer(fingerprint: self.fingerprint(of: whole), body: creation.json.bytes)
        let name = IdempotencyStore.Name(orgID: context.orgID, operation: operation, key: key.text)
        let earlier = try await self.postgres.transaction(for: [context.orgID], lockTimeout: .seconds(2)) {
            connection -> JSONValue? in
            guard try IdempotencyStore.take(name, with: stored, on: connection) else {
                return try IdempotencyStore.answer(of: name, to: stored.fingerprint, on: connection)
            }
            try creation.write(connection)
            return nil
        }
        return Self.answer(earlier ?? creation.json, creation, isReplay: earlier != nil)
    }

    private static func answer(_ json: JSONValue, _ creation: Creation, isReplay: Bool) -> RawJSON {
        var headers: HTTPFields = [:]
        headers[.location] = json["id"]?.string.map(creation.location)
        if isReplay { headers[.idempotencyReplayed] = "true" }
        return RawJSON(json, status: .created, headers: headers)
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
            let detail = "must have 1 to 255 printable ASCII characters, without spaces"
            throw .invalidRequest([.init(pointer: "/idempotency_key", detail: detail)])
        }
        if let key, key != inBody {
            let detail = "must be the same as in the Idempotency-Key header"
            throw .invalidRequest([.init(pointer: "/idempotency_key", detail: detail)])
        }
        key = inBody
        return (key, .object(object))
    }
}
