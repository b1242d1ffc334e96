import InternalAPI
import Shared

/// Answers Meta when someone enters our URL as a webhook: only who knows the verify token gets the challenge back.
struct AnswerChallenge: Sendable {
    /// Bytes of a challenge; Meta's have some 10 digits.
    static let maximumBytes = 1024

    let findAccount: FindWebhookAccount
    /// `WHATSAPP_VERIFY_TOKEN`, for the URL that all numbers of one Meta app share; nil where there is no such app.
    let sharedToken: String?

    /// The query of a challenge.
    struct Challenge: Sendable {
        let mode: String?
        let token: String?
        let challenge: String?
    }

    /// The challenge, to be answered as it is; `accountID` is of the URL, nil for the shared one.
    func callAsFunction(_ challenge: Challenge, for accountID: AccountID?) async throws -> String {
        guard let expected = try await self.token(of: accountID), !expected.isEmpty,
            challenge.mode == "subscribe", let token = challenge.token, token.isEqualInConstantTime(to: expected),
            let text = challenge.challenge, text.utf8.count <= Self.maximumBytes
        else { throw WebhookFailure.challengeRefused }
        return text
    }

    private func token(of accountID: AccountID?) async throws -> String? {
        guard let accountID else { return self.sharedToken }
        guard let known = try await self.findAccount(.id(accountID)), known.account.provider == .whatsappCloud else {
            throw WebhookFailure.unknownAccount
        }
        // A token that was changed a moment ago is asked for once more.
        let changed = await self.findAccount.changed(known, foundBy: .id(accountID))
        return (changed ?? known).secret("verify_token")
    }
}
