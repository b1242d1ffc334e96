import Providers

/// Why a webhook is not taken.
///
/// Nothing of it is stored.
enum WebhookFailure: Error, Equatable {
    /// No account has this id, or these numbers, with this provider.
    case unknownAccount
    case signature(WebhookSignatureFailure)
    /// Signed with the secret of one account, it names the number of another whose secret is not the same.
    case foreignNumber
    /// A new subscription does not prove that it comes from the owner of the verify token.
    case challengeRefused
    /// Nothing in it says whose it is; the sentence says what it lacks.
    case unreadable(String)
}
