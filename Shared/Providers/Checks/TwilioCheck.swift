import NIOHTTP1
import Shared

/// Asks Twilio for the account itself.
///
/// - Source: `GET {base}/2010-04-01/Accounts/{sid}.json`; `status` is `active`, `suspended` or `closed`.
extension TwilioProvider: CheckProvider {
    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        let sid: String
        let token: String
        do {
            sid = try credentials.requiredSegment("account_sid")
            token = try credentials.required("auth_token")
        } catch {
            return .refused(error.error)
        }
        let answer: ProviderAnswer
        do {
            answer = try await self.exchange.get(
                "\(self.baseURL)/2010-04-01/Accounts/\(sid).json",
                headers: ["authorization": Self.authorization(sid, token)],
                upTo: ProviderExchange.maximumAnswerBytes,
                before: deadline
            )
        } catch {
            return .unreachable(error.reason)
        }
        guard (200..<300).contains(answer.status) else {
            return CredentialCheck(failed: TwilioAnswer.outcome(of: answer))
        }
        switch (try? JSONValue(parsing: answer.body))?["status"]?.string {
        case "active": return .ok("Twilio takes the token, and the account is active.")
        case let status? where ["suspended", "closed"].contains(status):
            return .refused(
                ProviderError(code: "account-\(status)", detail: "Twilio says that the account is \(status).")
            )
        default: return .unreachable(.checkUndecided(answer))
        }
    }
}
