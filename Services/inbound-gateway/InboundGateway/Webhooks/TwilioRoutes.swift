import HTTPService
import Hummingbird

/// Where Twilio posts: under `/webhooks/twilio/{account_id}`.
struct TwilioRoutes: Sendable {
    let receive: ReceiveTwilio

    func add(to router: some RouterMethods<AppRequestContext>) {
        router.post("/webhooks/twilio/:account/status", use: self.status)
        router.post("/webhooks/twilio/:account/messages", use: self.messages)
    }

    /// Takes the status of a message we sent: `POST /webhooks/twilio/{account_id}/status?ref={attempt}`.
    ///
    /// - Response: 204 once it is stored; repeating it changes nothing.
    /// - Errors: 400 `webhook-unreadable`, 401 `signature-invalid`, 404 `not-found`, 413 `body-too-large`, 503.
    @Sendable private func status(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, purpose: .status)
        return Response(status: .noContent)
    }

    /// Takes a message from a customer: `POST /webhooks/twilio/{account_id}/messages`.
    ///
    /// - Response: 200 with an empty TwiML document, which says that Twilio is to answer nothing.
    /// - Errors: as `status`.
    @Sendable private func messages(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, purpose: .message)
        return Response(
            status: .ok,
            headers: [.contentType: "text/xml; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: "<Response/>"))
        )
    }

    private func take(
        _ request: Request,
        _ context: AppRequestContext,
        purpose: ReceiveTwilio.Purpose
    ) async throws {
        let accountID = try context.webhookAccountID
        let webhook = try await WebhookRequest(request)
        try await self.receive(webhook, for: accountID, purpose: purpose)
    }
}
