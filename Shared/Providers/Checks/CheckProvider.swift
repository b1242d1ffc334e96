package import Shared

/// A provider that can be asked whether credentials work, without a message.
package protocol CheckProvider: Provider {
    /// Asks once; throws nothing, and changes nothing at the provider.
    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck
}

extension CredentialCheck {
    /// What an answer that is no success says: what fails with the account, or with each message, is a refusal.
    init(failed outcome: SendOutcome) {
        switch outcome {
        case .accountBlocked(let error), .rejected(let error): self = .refused(error)
        case .throttled(let error, _, _), .failedTransiently(let error, _), .uncertain(let error):
            self = .unreachable(error)
        case .accepted: self = .unreachable(.checkUndecided)
        }
    }
}

extension ProviderError {
    fileprivate static let checkUndecided = ProviderError(
        code: "answer-malformed",
        detail: "The answer is not what this provider says of an account."
    )

    /// For a success without what was asked for.
    static func checkUndecided(_ answer: ProviderAnswer) -> ProviderError {
        ProviderError(code: Self.checkUndecided.code, detail: Self.checkUndecided.detail, response: answer.text)
    }
}
