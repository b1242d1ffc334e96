import Shared

extension SendOutcome {
    /// The outcome in one word, for the log; the failures as the public API names their classes.
    var className: String {
        switch self {
        case .accepted: "accepted"
        case .throttled: FailureClass.throttled.rawValue
        case .failedTransiently: FailureClass.transient.rawValue
        case .rejected: FailureClass.permanent.rawValue
        case .accountBlocked: FailureClass.account.rawValue
        case .uncertain: FailureClass.uncertain.rawValue
        }
    }

    /// The error's code, for the log: a provider's details may name an address.
    var errorCode: String? {
        switch self {
        case .accepted: nil
        case .throttled(let error, _, _), .failedTransiently(let error, _), .rejected(let error),
            .accountBlocked(let error), .uncertain(let error):
            error.code
        }
    }
}
