import HTTPService
import Hummingbird

/// Where Twilio, SendGrid and systems of the organizations' own post to an account's URL.
struct AccountWebhookRoutes: Sendable {
    let receive: ReceiveWebhook

    func add(to router: some RouterMethods<AppRequestContext>) {
        router.post("/webhooks/twilio/:account/status", use: self.twilioStatus)
        router.post("/webhooks/twilio/:account/messages", use: self.twilioMessage)
        router.post("/webhooks/sendgrid/:account/events", use: self.sendGridEvents)
        router.post("/webhooks/sendgrid/:account/inbound", use: self.sendGridMail)
        router.post("/webhooks/http/:account", use: self.http)
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

    /// Takes what became of mails we sent: `POST /webhooks/sendgrid/{account_id}/events`.
    ///
    /// - Response: 204 once it is stored; repeating it changes nothing.
    /// - Errors: as `twilioStatus`.
    @Sendable private func sendGridEvents(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, as: .sendGridEvents)
        return Response(status: .noContent)
    }

    /// Takes a mail from a customer: `POST /webhooks/sendgrid/{account_id}/inbound?token={inbound_token}`.
    ///
    /// - Response: 200 once it is stored: SendGrid takes 2xx.
    /// - Errors: as `twilioStatus`; the token stands in the place of a signature, where SendGrid was not told to sign.
    @Sendable private func sendGridMail(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, as: .sendGridMail)
        return Response(status: .ok)
    }

    /// Takes what a system of the organization's own tells, signed as Standard Webhooks ask: `POST /webhooks/http/{account_id}`.
    ///
    /// - Response: 204 once it is stored; repeating a `webhook-id` changes nothing.
    /// - Errors: as `twilioStatus`; 400 `webhook-unreadable` with what is wrong with the body.
    @Sendable private func http(_ request: Request, context: AppRequestContext) async throws -> Response {
        try await self.take(request, context, as: .http)
        return Response(status: .noContent)
    }

    private func take(_ request: Request, _ context: AppRequestContext, as kind: WebhookKind) async throws {
        let accountID = try context.webhookAccountID
        let webhook = try await WebhookRequest(request, upTo: kind.bodyBytes)
        try await self.receive(webhook, for: accountID, as: kind)
    }
}
