import InternalAPI
import Shared

/// Our copy of an account's verification secrets, and how old it is.
struct KnownAccount: Sendable, Equatable {
    let account: MessagingAPI.WebhookAccount
    /// When messaging-service was last asked about it, whether or not it answered.
    var checkedAt: Timestamp

    /// After this time a copy is fetched anew while it goes on being used: a deleted account ends within a minute.
    static let refreshAge: Duration = .seconds(60)
    /// A signature that does not match fetches once more, unless the copy is younger than this: a changed secret works at
    /// once, and forged webhooks cost messaging-service one question in 5 s for each account.
    static let recheckAge: Duration = .seconds(5)

    /// The secret called `name`; nil when it is missing or empty, which never means "do not verify".
    func secret(_ name: String) -> String? {
        guard let secret = self.account.secrets[name], !secret.isEmpty else { return nil }
        return secret
    }
}
