import NIOHTTP1
import Shared

/// Asks Meta for the account's number, with the account's token.
///
/// - Source: `GET {base}/{phone_number_id}?fields=id`, Graph API v25.0.
extension WhatsAppProvider: CheckProvider {
    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        let token: String
        let number: String
        do {
            token = try credentials.required("access_token")
            number = try credentials.requiredSegment("phone_number_id")
        } catch {
            return .refused(error.error)
        }
        let answer: ProviderAnswer
        do {
            answer = try await self.exchange.get(
                "\(self.baseURL)/\(number)?fields=id",
                headers: ["authorization": "Bearer \(token)"],
                upTo: ProviderExchange.maximumAnswerBytes,
                before: deadline
            )
        } catch {
            return .unreachable(error.reason)
        }
        guard (200..<300).contains(answer.status) else {
            return CredentialCheck(failed: WhatsAppAnswer.outcome(of: answer))
        }
        guard (try? JSONValue(parsing: answer.body))?["id"]?.string == number else {
            return .unreachable(.checkUndecided(answer))
        }
        return .ok("WhatsApp knows the number, and takes the token.")
    }
}
