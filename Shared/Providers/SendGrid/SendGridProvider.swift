import NIOHTTP1
import Shared

/// Sends email through SendGrid.
///
/// It can not be asked what it took: that is an extra of its price list. What happened to a mail comes by its event webhook, with
/// the attempt's id among the custom arguments.
///
/// - Source: `POST {base}/v3/mail/send`.
struct SendGridProvider: Provider {
    let baseURL: String
    let exchange: ProviderExchange

    var kind: ProviderKind { .sendgrid }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        let key: String
        let sender: EmailSender
        let body: JSONValue
        do {
            key = try message.credentials.required("api_key")
            sender = try EmailSender(message.credentials)
        } catch {
            return error.outcome
        }
        do {
            body = SendGridMail.body(of: try Email(message, from: sender), reference: message.reference)
        } catch {
            return .rejected(error.error)
        }
        let end = await self.exchange.post(
            self.baseURL + "/v3/mail/send",
            headers: ["authorization": "Bearer \(key)", "content-type": "application/json"],
            body: body.bytes,
            before: deadline
        )
        switch end {
        case .answer(let answer): return SendGridAnswer.outcome(of: answer, at: .now)
        case .notSent(let error): return .failedTransiently(error, retryAfter: nil)
        case .unknown(let error): return .uncertain(error)
        }
    }
}
