package import HTTPService
package import HTTPTypes
package import Hummingbird
package import Postgres
package import Secrets
package import Shared

/// Makes something once for an idempotency key: the key, the answer's bytes and what is made are one transaction.
package struct CreateOnce: Sendable {
    /// Who removes keys that are older than the 7 days promised.
    package enum Upkeep: Sendable {
        /// Each create, a few of its own organization.
        case creates
        /// A job of the service's own.
        case job
    }

    /// What was made, as its caller is told.
    package struct Created: Sendable {
        let status: HTTPResponse.Status
        let json: JSONValue
        let location: String?

        package init(status: HTTPResponse.Status = .created, json: JSONValue, location: String? = nil) {
            self.status = status
            self.json = json
            self.location = location
        }
    }

    /// What is asked for, before anything of it has been looked at.
    package struct Asked: Sendable {
        let body: JSONValue
        /// The header's key.
        let key: String?

        /// Reads a request.
        ///
        /// - Throws: `Problem` 400, 413 or 415 for a body that is none.
        package init(_ request: Request, upTo limit: Int = Limits.bodyBytes) async throws {
            self.body = try await request.strictJSON(upTo: limit)
            self.key = request.headers[.idempotencyKey]
        }

        /// Of a request whose body was read in another way.
        package init(_ body: JSONValue, key: String?) {
            self.body = body
            self.key = key
        }
    }

    /// The answer, and whether it was given before.
    package struct Outcome: Sendable {
        package let answer: RawJSON
        package let isReplay: Bool
    }

    private let postgres: PostgresPool
    private let fingerprint: Fingerprint
    private let upkeep: Upkeep
    private let box: SecretBox?

    /// - Parameters:
    ///   - postgres: the database in which things are made.
    ///   - fingerprint: by which a repeated request is known.
    ///   - upkeep: who removes old keys.
    ///   - box: seals the answers that are kept, where they show a secret.
    package init(postgres: PostgresPool, fingerprint: Fingerprint, upkeep: Upkeep, box: SecretBox? = nil) {
        self.postgres = postgres
        self.fingerprint = fingerprint
        self.upkeep = upkeep
        self.box = box
    }

    /// - Parameters:
    ///   - operation: names the kind of request; a key belongs to one.
    ///   - request: has a JSON body, and perhaps a key in its header or body.
    ///   - context: of the organization.
    ///   - limit: bytes of the body.
    ///   - create: is given the body without the key; what it throws undoes everything, and the key is free again.
    /// - Throws: 409 `idempotency-key-in-use`; 422 `idempotency-key-reused`; what `create` throws.
    /// - Returns: the answer, a stored one for a repeated key.
    package func callAsFunction(
        _ operation: String,
        _ request: Request,
        _ context: OrgRequestContext,
        upTo limit: Int = Limits.bodyBytes,
        _ create: @Sendable (JSONValue, isolated PostgresConnection) throws -> Created
    ) async throws -> RawJSON {
        try await self(operation, Asked(request, upTo: limit), of: context.orgID, create).answer
    }

    /// - Parameters:
    ///   - operation: names the kind of request, and who may have its answer again; a key belongs to one.
    ///   - asked: the request.
    ///   - orgID: whose the key is.
    ///   - more: further organizations that `create` writes for.
    ///   - create: is given the body without the key; what it throws undoes everything, and the key is free again.
    /// - Throws: 409 `idempotency-key-in-use`; 422 `idempotency-key-reused`; what `create` throws.
    /// - Returns: the answer, a stored one for a repeated key.
    package func callAsFunction(
        _ operation: String,
        _ asked: Asked,
        of orgID: OrgID,
        with more: [OrgID] = [],
        _ create: @Sendable (JSONValue, isolated PostgresConnection) throws -> Created
    ) async throws -> Outcome {
        let (key, body) = try Self.split(asked.body, header: asked.key)
        guard let key else {
            let created = try await self.postgres.transaction(for: [orgID] + more) { try create(body, $0) }
            return Self.outcome(created.json.bytes, created.status, created.location, isReplay: false)
        }
        let name = IdempotencyStore.Name(orgID: orgID, operation: operation, key: key.text)
        let fingerprint = self.fingerprint(of: asked.body)
        do {
            return try await self.postgres.transaction(for: [orgID] + more, lockTimeout: .seconds(2)) { connection in
                if self.upkeep == .creates { try connection.query(IdempotencyStore.removeOld(of: name.orgID)) }
                guard try IdempotencyStore.take(name, fingerprint: fingerprint, on: connection) else {
                    let stored = try IdempotencyStore.answer(of: name, to: fingerprint, on: connection)
                    return try self.outcome(stored, of: name, isReplay: true)
                }
                let created = try create(body, connection)
                let bytes = created.json.bytes
                let stored = IdempotencyStore.Answer(
                    status: created.status.code,
                    location: created.location,
                    body: try self.box?.seal(bytes, at: Self.place(of: name)) ?? bytes
                )
                try connection.query(IdempotencyStore.keep(stored, for: name))
                return Self.outcome(bytes, created.status, created.location, isReplay: false)
            }
        } catch PostgresError.commitUnknown(let reason) {
            // Never made again blindly: the key's row says which way it went.
            let stored = try await self.postgres.transaction(for: [name.orgID]) { connection in
                try IdempotencyStore.find(name, to: fingerprint, on: connection)
            }
            guard let stored else { throw PostgresError.commitUnknown(reason) }
            return try self.outcome(stored, of: name, isReplay: false)
        }
    }

    private static func place(of name: IdempotencyStore.Name) -> SecretBox.Place {
        .init(orgID: name.orgID, column: "idempotency_keys.body", row: "\(name.operation) \(name.key)")
    }

    private func outcome(
        _ stored: IdempotencyStore.Answer,
        of name: IdempotencyStore.Name,
        isReplay: Bool
    ) throws -> Outcome {
        let bytes = try self.box?.open(stored.body, at: Self.place(of: name)) ?? stored.body
        return Self.outcome(bytes, .init(code: stored.status), stored.location, isReplay: isReplay)
    }

    private static func outcome(
        _ bytes: [UInt8],
        _ status: HTTPResponse.Status,
        _ location: String?,
        isReplay: Bool
    ) -> Outcome {
        var headers: HTTPFields = [:]
        headers[.location] = location
        if isReplay { headers[.idempotencyReplayed] = "true" }
        return Outcome(answer: RawJSON(bytes, status: status, headers: headers), isReplay: isReplay)
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
