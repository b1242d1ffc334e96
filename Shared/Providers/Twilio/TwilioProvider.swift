import Foundation
import NIOHTTP1
import Shared

/// Sends SMS through Twilio.
///
/// - Source: `POST {base}/2010-04-01/Accounts/{sid}/Messages.json`; `lookUp` asks the same URL with `GET`.
struct TwilioProvider: Provider {
    let baseURL: String
    let publicInboundURL: String
    let exchange: ProviderExchange

    var kind: ProviderKind { .twilio }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        let sid: String
        let token: String
        let sender: (String, String)
        do {
            sid = try message.credentials.requiredSegment("account_sid")
            token = try message.credentials.required("auth_token")
            sender = try Self.sender(message.credentials)
        } catch {
            return error.outcome
        }
        guard let content = Self.content(message.content) else {
            return .rejected(ProviderError(code: "content-missing", detail: "The message has no text."))
        }
        let callback = "\(self.publicInboundURL)/webhooks/twilio/\(message.accountID)/status?ref=\(message.reference)"
        let form = FormParameters([("To", message.to), sender] + content + [("StatusCallback", callback)])
        let end = await self.exchange.post(
            self.baseURL + Self.path(sid),
            headers: [
                "authorization": Self.authorization(sid, token), "content-type": "application/x-www-form-urlencoded",
            ],
            body: form.bytes,
            before: deadline
        )
        switch end {
        case .answer(let answer): return TwilioAnswer.outcome(of: answer)
        case .notSent(let error): return .failedTransiently(error, retryAfter: nil)
        case .unknown(let error): return .uncertain(error)
        }
    }

    /// The account's messages, below the base URL.
    static func path(_ sid: String) -> String { "/2010-04-01/Accounts/\(sid)/Messages.json" }

    static func authorization(_ sid: String, _ token: String) -> String {
        "Basic \(Data("\(sid):\(token)".utf8).base64EncodedString())"
    }

    /// The service goes before the number: it picks the number itself.
    private static func sender(_ credentials: Credentials) throws(CredentialsFault) -> (String, String) {
        if credentials["messaging_service_sid"] != nil {
            return ("MessagingServiceSid", try credentials.required("messaging_service_sid"))
        }
        guard let from = credentials["from"], !from.isEmpty else {
            throw CredentialsFault(detail: "The account needs the credential `from` or `messaging_service_sid`.")
        }
        return ("From", from)
    }

    private static func content(_ content: MessageContent) -> [(String, String)]? {
        let body = content.body.flatMap { $0.isEmpty ? nil : [("Body", $0)] }
        let media = content.media.map { [("MediaUrl", $0.url)] }
        return body == nil && media == nil ? nil : (body ?? []) + (media ?? [])
    }
}
