import NIOHTTP1
import Shared

/// Sends through Meta's WhatsApp Cloud API.
///
/// - Source: `POST {base}/{phone_number_id}/messages`, Graph API v25.0.
struct WhatsAppProvider: Provider {
    let baseURL: String
    let exchange: ProviderExchange

    var kind: ProviderKind { .whatsappCloud }

    func send(_ message: OutboundMessage, before deadline: ContinuousClock.Instant) async -> SendOutcome {
        let token: String
        let number: String
        let body: JSONValue
        do {
            token = try message.credentials.required("access_token")
            number = try message.credentials.requiredSegment("phone_number_id")
        } catch {
            return error.outcome
        }
        do {
            body = try WhatsAppMessage.body(of: message)
        } catch {
            return .rejected(error.error)
        }
        let end = await self.exchange.post(
            "\(self.baseURL)/\(number)/messages",
            headers: ["authorization": "Bearer \(token)", "content-type": "application/json"],
            body: body.bytes,
            before: deadline
        )
        switch end {
        case .answer(let answer): return WhatsAppAnswer.outcome(of: answer)
        case .notSent(let error): return .failedTransiently(error, retryAfter: nil)
        case .unknown(let error): return .uncertain(error)
        }
    }
}
