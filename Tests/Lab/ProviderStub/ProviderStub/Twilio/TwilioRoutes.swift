import Foundation
import HTTPTypes
import Hummingbird

/// Twilio's Messages resource: creating one.
struct TwilioRoutes: Sendable {
    let acceptMessage: AcceptMessage
    let callbacks: Callbacks
    /// The one accepted token, or nil for any.
    let authToken: String?

    static var path: RouterPath { "/2010-04-01/Accounts/:account/Messages.json" }

    var endpoints: RouteCollection<StubRequestContext> {
        let routes = RouteCollection(context: StubRequestContext.self)
        routes.post(Self.path) { request, context in
            try await self.create(request, context: context)
        }
        return routes
    }

    private func create(_ request: Request, context: StubRequestContext) async throws -> Response {
        let accountSID = try context.parameters.require("account")
        guard let body = try await CollectedBody.collect(request) else {
            let failure = TwilioFailure(status: 413, code: 20413, message: "Payload Too Large")
            return self.acceptMessage.refused(failure.response)
        }
        let message: ValidMessage
        do throws(TwilioFailure) {
            message = try self.validate(body, headers: request.headers, accountSID: accountSID)
        } catch {
            return self.acceptMessage.refused(error.response)
        }
        return try await self.acceptMessage(message, errors: TwilioErrors(), channel: context.channel)
    }

    private func validate(
        _ body: ByteBuffer,
        headers: HTTPFields,
        accountSID: String
    ) throws(TwilioFailure) -> ValidMessage {
        let credentials = try TwilioCredentials(
            headers: headers,
            accountSID: accountSID,
            expectedToken: self.authToken
        )
        let form = FormFields(decoding: body.readableBytesView)
        let message = try TwilioMessage(form: form)
        let resource = TwilioResource(
            sid: "SM" + RandomText.hex(bytes: 16),
            accountSID: accountSID,
            message: message,
            status: message.serviceSID == nil ? "queued" : "accepted",
            created: Date()
        )
        return ValidMessage(
            provider: .twilio,
            account: accountSID,
            to: message.to,
            reference: message.reference,
            providerID: resource.sid,
            body: body,
            request: form.json,
            acceptance: .json(201, resource.json),
            reporter: message.statusCallback.map { url in
                TwilioReporter(
                    callbacks: self.callbacks,
                    url: url,
                    authToken: credentials.token,
                    accountSID: accountSID,
                    messageSID: resource.sid,
                    message: message
                )
            }
        )
    }
}
