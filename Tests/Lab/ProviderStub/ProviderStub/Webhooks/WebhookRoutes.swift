import Foundation
import HTTPTypes
import Hummingbird

/// A receiver of signed webhooks, which drops what it has taken before.
struct WebhookRoutes: Sendable {
    let acceptMessage: AcceptMessage
    let secret: String

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.post("/receivers/:account") { request, context in
            try await self.receive(request, context: context)
        }
        return routes
    }

    private func receive(_ request: Request, context: StubRequestContext) async throws -> Response {
        let account = try context.parameters.require("account")
        guard let body = try await CollectedBody.collect(request) else {
            return self.acceptMessage.refused(WebhookFailure(status: 413, message: "payload too large").response)
        }
        let message: ValidMessage
        do throws(WebhookFailure) {
            message = try self.validate(body, headers: request.headers, account: account)
        } catch {
            return self.acceptMessage.refused(error.response)
        }
        // As the specification wants it of a receiver: the id is what makes two of them one.
        if self.acceptMessage.ledger.contains(providerID: message.providerID) {
            self.acceptMessage.stats.add(to: \.repeated)
            return message.acceptance
        }
        return try await self.acceptMessage(message, errors: WebhookErrors(), channel: context.channel)
    }

    private func validate(
        _ body: ByteBuffer,
        headers: HTTPFields,
        account: String
    ) throws(WebhookFailure) -> ValidMessage {
        let id = try WebhookSignature(secret: self.secret).check(headers, body: body.data)
        guard let text = CollectedBody.singleLine(body),
            let payload = try? JSONDecoder().decode(WebhookPayload.self, from: body.data)
        else { throw .field("the body must be a webhook with id, type, timestamp and data") }
        guard payload.id == id else { throw .field("id must be webhook-id") }
        guard payload.type == "message.send" else { throw .field("type must be message.send") }
        return ValidMessage(
            provider: .webhook,
            account: account,
            to: payload.data.to,
            reference: payload.data.reference,
            providerID: id,
            body: body,
            request: text,
            acceptance: Response(status: .noContent),
            reporter: nil
        )
    }
}

/// What the stub reads of a webhook.
private struct WebhookPayload: Decodable {
    struct Message: Decodable {
        let to: String
        let reference: String
    }

    let id: String
    let type: String
    let timestamp: String
    let data: Message
}
