import NIOHTTP1
import Shared

/// Asks SendGrid what the key may do.
///
/// - Source: `GET {base}/v3/scopes`.
extension SendGridProvider: CheckProvider {
    /// What a key needs to send.
    private static var scope: String { "mail.send" }

    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        let key: String
        do {
            key = try credentials.required("api_key")
        } catch {
            return .refused(error.error)
        }
        let answer: ProviderAnswer
        do {
            answer = try await self.exchange.get(
                self.baseURL + "/v3/scopes",
                headers: ["authorization": "Bearer \(key)"],
                upTo: ProviderExchange.maximumAnswerBytes,
                before: deadline
            )
        } catch {
            return .unreachable(error.reason)
        }
        guard (200..<300).contains(answer.status) else {
            return CredentialCheck(failed: SendGridAnswer.outcome(of: answer, at: .now))
        }
        guard let scopes = (try? JSONValue(parsing: answer.body))?["scopes"]?.array else {
            return .unreachable(.checkUndecided(answer))
        }
        guard scopes.contains(.string(Self.scope)) else {
            let detail = "The key lacks the scope `\(Self.scope)`: it may not send mails."
            return .refused(ProviderError(code: "scope-missing", detail: detail))
        }
        return .ok("SendGrid takes the key, which may send mails.")
    }
}
