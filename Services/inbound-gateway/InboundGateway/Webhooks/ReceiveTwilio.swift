import InternalAPI
import Providers
import Shared

/// Takes a webhook of Twilio's: verifies it, then stores it and passes it on.
struct ReceiveTwilio: Sendable {
    static let provider = ProviderKind.twilio

    /// What Twilio was told to post to the URL.
    enum Purpose: Sendable {
        /// About a message that we sent.
        case status
        /// A message from a customer.
        case message
    }

    /// What Twilio was told, before the path: signatures are over it, and no header can change it.
    let publicURL: String
    let findAccount: FindWebhookAccount
    let verify: VerifyWebhook
    let receive: ReceiveEvents

    func callAsFunction(_ webhook: WebhookRequest, for accountID: AccountID, purpose: Purpose) async throws {
        guard let known = try await self.findAccount(.id(accountID)), known.account.provider == Self.provider else {
            throw WebhookFailure.unknownAccount
        }
        let header = webhook.headers[Self.signature]
        let url = self.publicURL + webhook.target
        let (form, content) = try Self.content(of: webhook)
        let account = try await self.verify(known, foundBy: .id(accountID)) { known throws(WebhookSignatureFailure) in
            try TwilioSignature.verify(
                url: url,
                content: content,
                header: header,
                authToken: known.secret("auth_token")
            )
        }
        let event =
            Self.event(form, purpose: purpose, target: webhook.target)
            // Signed, so not to be lost: the raw request is kept, known by its signature.
            ?? WebhookEvent(key: "unreadable:\(header ?? "")", providerNumber: nil, content: .other("unreadable"))
        let requestID = ID<InboxRequest>.new()
        try await self.receive(
            [webhook.raw(requestID, of: account)],
            events: [try NewInboxEvent(event, of: account, requestID: requestID, handling: .process)]
        )
    }

    private static let signature = "x-twilio-signature"

    private static func content(
        of webhook: WebhookRequest
    ) throws(WebhookFailure) -> (FormParameters, TwilioSignature.Content) {
        if webhook.headers["content-type"]?.lowercased().hasPrefix("application/json") == true {
            return (FormParameters([]), .json(webhook.body))
        }
        do {
            let form = try FormParameters(parsing: webhook.body)
            return (form, .form(form))
        } catch {
            throw .unreadable(error.detail)
        }
    }

    private static func event(_ form: FormParameters, purpose: Purpose, target: String) -> WebhookEvent? {
        switch purpose {
        case .status:
            let query = target.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            let reference = (try? FormParameters(parsing: query.utf8))?["ref"]
            return try? TwilioWebhook.statusEvent(form, reference: reference)
        case .message:
            return TwilioInbound.message(form).map { message in
                WebhookEvent(key: message.eventKey, providerNumber: nil, content: .message(message))
            }
        }
    }
}
