import HTTPService
import Hummingbird
import Secrets
import Shared

/// The route `/internal/messages/batch`, which the api-gateway forwards from `/api/v1/messages/batch`.
struct BatchRoutes: Sendable {
    let createMessages: CreateMessages
    let fingerprint: Fingerprint
    let now: OrgNow

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/messages/batch", use: self.create)
    }

    /// Accepts up to 1,000 messages, each by itself: 207 with a result for each, in order.
    ///
    /// A key in the header stands for a key of each message that has none: the header's, and the message's place.
    ///
    /// - Errors: 413 `body-too-large`, 422 `invalid-request` when the body is no batch.
    @Sendable private func create(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(upTo: Limits.batchBytes), at: "")
        let elements = fields.requiredArray("messages", 1...Limits.batchMessages)
        try fields.finish()
        let key = try request.headers[.idempotencyKey].map { text throws(Problem) in try Self.key(text) }
        let now = try await self.now(for: context.acting)
        // What could not be sent alone can not be sent in a batch either.
        let length = request.headers[.contentLength].flatMap { Int($0) }
        let mayBeTooLong = length.map { $0 > Limits.bodyBytes } ?? true
        let requests = elements.enumerated().map { index, element in
            Result {
                if mayBeTooLong, element.bytes.count > Limits.bodyBytes { throw Problem.bodyTooLarge(Limits.bodyBytes) }
                return try self.request(element, index: index, now: now, key: key, context: context)
            }
        }
        let valid = requests.compactMap { try? $0.get() }
        var answers = await self.createMessages(valid)[...]
        let results = requests.enumerated().map { index, request in
            switch request {
            case .success: Self.result(index, answers.popFirst() ?? .failure(Problem.internal), requestID: context.id)
            case .failure(let error): Self.result(index, .failure(error), requestID: context.id)
            }
        }
        return RawJSON(["data": .array(results)], status: .init(code: 207, reasonPhrase: "Multi-Status"))
    }

    /// A slash and a place are still to be added to it.
    private static func key(_ text: String) throws(Problem) -> IdempotencyKey {
        let key = try IdempotencyKey(text)
        guard key.text.utf8.count <= 250 else {
            throw Problem(
                code: "idempotency-key-invalid",
                status: 400,
                title: "The idempotency key of a batch has at most 250 characters."
            )
        }
        return key
    }

    private func request(
        _ element: JSONValue,
        index: Int,
        now: Timestamp,
        key: IdempotencyKey?,
        context: OrgRequestContext
    ) throws(Problem) -> CreateRequest {
        var fields = JSONFields(element, at: "/messages/\(index)")
        let acting = context.acting
        let message = NewMessage(&fields, now: now, region: acting.defaultRegion, lead: acting.scheduleLead)
        try fields.finish()
        return CreateRequest(
            orgID: context.orgID,
            actor: context.actor,
            mode: context.mode,
            requestID: context.id,
            message: message,
            idempotency: (message.idempotencyKey ?? key.map { "\($0.text)/\(index)" }).map {
                .init(key: $0, fingerprint: self.fingerprint(of: element))
            }
        )
    }

    private static func result(
        _ index: Int,
        _ result: Result<CreateAnswer, any Error>,
        requestID: String
    ) -> JSONValue {
        switch result {
        case .success(let answer):
            return .object(members: [
                ("index", .number(JSONNumber(index))), ("id", .text(answer.messageID)), ("status", 202),
                ("error", .null),
            ])
        case .failure(let error):
            let problem = Problem(error).within("/messages/\(index)")
            return .object(members: [
                ("index", .number(JSONNumber(index))), ("id", .null),
                ("status", .number(JSONNumber(problem.status))), ("error", problem.body(requestID: requestID)),
            ])
        }
    }
}

extension Problem {
    /// The same problem about a part of a greater body.
    fileprivate func within(_ pointer: String) -> Problem {
        var problem = self
        problem.violations = self.violations.map { violation in
            violation.pointer.hasPrefix(pointer)
                ? violation : Violation(pointer: pointer + violation.pointer, detail: violation.detail)
        }
        return problem
    }
}
