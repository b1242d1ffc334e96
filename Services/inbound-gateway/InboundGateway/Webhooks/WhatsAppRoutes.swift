import HTTPService
import Hummingbird
import Providers
import Shared

/// Where Meta posts: under `/webhooks/whatsapp`, and under the path of a system that Herald replaces.
struct WhatsAppRoutes: Sendable {
    let challenge: AnswerChallenge
    let receive: ReceiveWhatsApp

    func add(to router: some RouterMethods<AppRequestContext>) {
        router.get("/webhooks/whatsapp/:account", use: self.subscribe)
        router.post("/webhooks/whatsapp/:account", use: self.post)
        for path: RouterPath in ["/webhooks/whatsapp", "/api/v1/webhooks/whatsapp/inbound"] {
            router.get(path, use: self.subscribeShared)
            router.post(path, use: self.postShared)
        }
    }

    /// Proves to Meta that the URL is ours: `GET /webhooks/whatsapp/{account_id}`.
    ///
    /// - Response: 200 with the query's `hub.challenge` as plain text.
    /// - Errors: 403 `challenge-refused`, 404 `not-found`.
    @Sendable private func subscribe(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.answer(request, for: try context.webhookAccountID)
    }

    /// The same for one Meta app with many numbers: `GET /webhooks/whatsapp`.
    @Sendable private func subscribeShared(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.answer(request, for: nil)
    }

    /// Takes messages and statuses of one account: `POST /webhooks/whatsapp/{account_id}`.
    ///
    /// - Response: 200 once they are stored; repeating it changes nothing.
    /// - Errors: 401 `signature-invalid`, 403 `number-forbidden`, 404 `not-found`, 413 `body-too-large`, 503.
    @Sendable private func post(_ request: Request, context: AppRequestContext) async throws -> Response {
        let accountID = try context.webhookAccountID
        let webhook = try await WebhookRequest(request)
        try await self.receive(webhook, for: accountID)
        return Response(status: .ok)
    }

    /// The same for one Meta app with many numbers, found by the payload's `phone_number_id`: `POST /webhooks/whatsapp`.
    ///
    /// - Errors: 400 `webhook-unreadable` too: without a number there is nobody to keep it for.
    @Sendable private func postShared(_ request: Request, context: AppRequestContext) async throws -> Response {
        let webhook = try await WebhookRequest(request)
        try await self.receive(webhook)
        return Response(status: .ok)
    }

    private func answer(_ request: Request, for accountID: AccountID?) async throws -> Response {
        guard let query = try? FormParameters(parsing: (request.uri.query ?? "").utf8) else {
            throw WebhookFailure.challengeRefused
        }
        let challenge = AnswerChallenge.Challenge(
            mode: query["hub.mode"],
            token: query["hub.verify_token"],
            challenge: query["hub.challenge"]
        )
        let text = try await self.challenge(challenge, for: accountID)
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}

extension AppRequestContext {
    /// The path's account; what is no id at all is as unknown as an id that nobody has.
    var webhookAccountID: AccountID {
        get throws {
            guard let id = self.parameters.get("account").flatMap({ AccountID($0) }) else {
                throw WebhookFailure.unknownAccount
            }
            return id
        }
    }
}
