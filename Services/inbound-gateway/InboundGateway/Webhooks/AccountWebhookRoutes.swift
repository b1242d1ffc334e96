import HTTPService
import Hummingbird

/// Where providers post to an account's own URL: Twilio under `/webhooks/twilio/{account_id}`.
struct AccountWebhookRoutes: Sendable {
    let receive: ReceiveWebhook

    func add(to router: some RouterMethods<AppRequestContext>) {
        router.post("/webhooks/twilio/:account/status", use: self.twilioStatus)
        router.post("/webhooks/twilio/:account/messages", use: self.twilioMessage)
    }

    /// Takes the status of a message we sent: `POST /webhooks/twilio/{account_id}/status?ref={attempt}`.
    ///
    /// - Response: 204 once it is stored; repeating it changes nothing.
    /// - Errors: 401 `signature-invalid`, 404 `not-found`, 413 `body-too-large`, 503.
    @Sendable private func twilioStatus(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, as: .twilioStatus)
        return Response(status: .noContent)
    }

    /// Takes a message from a customer: `POST /webhooks/twilio/{account_id}/messages`.
    ///
    /// - Response: 200 with an empty TwiML document, which says that Twilio is to answer nothing.
    /// - Errors: as `twilioStatus`.
    @Sendable private func twilioMessage(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, as: .twilioMessage)
        return Response(
            status: .ok,
            headers: [.contentType: "text/xml; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: "<Response/>"))
        )
    }

    private func take(_ request: Request, _ context: AppRequestContext, as kind: WebhookKind) async throws {
        let accountID = try context.webhookAccountID
        try await self.receive(try await WebhookRequest(request), for: accountID, as: kind)
    }
}
