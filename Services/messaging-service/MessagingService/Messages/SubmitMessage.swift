import Batching
import HTTPService
import Secrets
import Shared

/// Reads a message as a tenant sends it, and has it created together with those that come at the same time.
struct SubmitMessage: Sendable {
    let creations: Creations
    let fingerprint: Fingerprint
    let findAnswer: FindAnswer
    let now: OrgNow

    /// - Parameters:
    ///   - body: of `POST /messages`.
    ///   - header: the `Idempotency-Key`.
    ///   - acting: who sends it.
    ///   - requestID: of the request that brings it.
    /// - Throws: `Problem`; but a request that was answered before is answered as then, whatever is wrong with it now.
    /// - Returns: the answer, once the message is stored.
    func callAsFunction(
        _ body: JSONValue,
        key header: String?,
        for acting: Acting,
        requestID: String
    ) async throws -> CreateAnswer {
        let idempotency = try self.idempotency(of: body, header: header)
        do {
            let request = try await self.read(body, idempotency, for: acting, requestID: requestID)
            return try await self.creations.submit(request)
        } catch CoalescerFailure.full {
            throw Overload()
        } catch {
            return try await self.firstAnswer(to: idempotency, of: acting.orgID, insteadOf: error)
        }
    }

    /// What was answered to a request that would now be refused.
    func firstAnswer(
        to idempotency: CreateRequest.Idempotency?,
        of orgID: OrgID,
        insteadOf error: any Error
    ) async throws -> CreateAnswer {
        guard let problem = error as? Problem, problem.status < 500, let idempotency,
            let first = try await self.findAnswer(idempotency, of: orgID)
        else { throw error }
        return first
    }

    /// What would be submitted.
    func request(
        _ body: JSONValue,
        key header: String?,
        for acting: Acting,
        requestID: String
    ) async throws -> CreateRequest {
        let idempotency = try self.idempotency(of: body, header: header)
        return try await self.read(body, idempotency, for: acting, requestID: requestID)
    }

    func idempotency(
        of body: JSONValue,
        header: String?
    ) throws(Problem) -> CreateRequest.Idempotency? {
        guard let key = try IdempotencyKey(header: header, body: body) else { return nil }
        return .init(key: key.text, fingerprint: self.fingerprint(of: body))
    }

    func read(
        _ body: JSONValue,
        _ idempotency: CreateRequest.Idempotency?,
        for acting: Acting,
        requestID: String
    ) async throws -> CreateRequest {
        var fields = JSONFields(body, at: "")
        let now = try await self.now(for: acting)
        let message = NewMessage(&fields, now: now, region: acting.defaultRegion, lead: acting.scheduleLead)
        if let idempotency, let inBody = message.idempotencyKey, inBody != idempotency.key {
            fields.violation(at: "idempotency_key", "must be the same as in the Idempotency-Key header")
        }
        try fields.finish()
        return CreateRequest(
            orgID: acting.orgID,
            actor: acting.actor,
            mode: acting.mode,
            requestID: requestID,
            message: message,
            idempotency: idempotency
        )
    }
}

extension IdempotencyKey {
    /// The key of a create: from its header, or else from its body; nil without one.
    ///
    /// One in the body that is no key is found by the reading of the body.
    fileprivate init?(header: String?, body: JSONValue) throws(Problem) {
        if let header {
            try self.init(header)
        } else if let text = body["idempotency_key"]?.string, let key = try? IdempotencyKey(text) {
            self = key
        } else {
            return nil
        }
    }
}
