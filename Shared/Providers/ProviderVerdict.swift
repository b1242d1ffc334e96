package import Shared

/// What an error code of a provider means for the message and for its account.
package enum ProviderVerdict: Sendable, Equatable {
    case throttled(ThrottleScope, retryAfter: Duration?)
    case transient
    case permanent
    case account

    /// The outcome of an attempt that was answered with this error.
    ///
    /// What the answer asked for in `Retry-After` goes before the table's own wait.
    func outcome(_ error: ProviderError, retryAfter asked: Duration?) -> SendOutcome {
        switch self {
        case .throttled(let scope, let usual): .throttled(error, retryAfter: asked ?? usual, scope: scope)
        case .transient: .failedTransiently(error, retryAfter: asked)
        case .permanent: .rejected(error)
        case .account: .accountBlocked(error)
        }
    }

    /// The class of a failure that the provider reports after it had accepted the message.
    package var failureClass: FailureClass {
        switch self {
        case .throttled: .throttled
        case .transient: .transient
        case .permanent: .permanent
        case .account: .account
        }
    }
}
