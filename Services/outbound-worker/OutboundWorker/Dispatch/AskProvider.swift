import InternalAPI
import Logging
import Providers
import Shared

/// Asks a provider whether it took an uncertain attempt.
struct AskProvider: Sendable {
    let providers: ProviderRegistry
    /// How long the provider may take.
    let deadline: Duration
    let clock: any MonotonicClock
    let logger: Logger
    let metrics: AttemptMetrics

    /// Asks once, and says what came of it; throws nothing.
    ///
    /// The account is the one that the question names, nil when it came without.
    func callAsFunction(
        _ lookUp: MessagingAPI.LookUp,
        account: MessagingAPI.LeasedAccount?
    ) async -> MessagingAPI.LookUpFinding {
        let start = self.clock.now
        let answer = await self.answer(lookUp, account, before: start + self.deadline)
        self.metrics.asked(account?.provider, answer)
        self.logger.info(
            "provider was asked",
            metadata: [
                "message.id": "\(lookUp.reference.messageID)", "org.id": "\(lookUp.orgID)",
                "attempt": "\(lookUp.reference.number)", "answer": "\(answer.word)",
                "ms": "\(start.duration(to: self.clock.now).milliseconds)",
            ]
        )
        return .init(attempt: lookUp.key, answer: answer, checks: lookUp.checks)
    }

    private func answer(
        _ lookUp: MessagingAPI.LookUp,
        _ account: MessagingAPI.LeasedAccount?,
        before deadline: ContinuousClock.Instant
    ) async -> MessagingAPI.LookUpFinding.Answer {
        guard let account else { return .unanswered(.withoutAccount) }
        guard let provider = self.providers[lookingUp: account.provider] else {
            return .unanswered(.notAskable(account.provider))
        }
        let question = LookUpQuestion(
            to: lookUp.to,
            content: lookUp.content,
            since: lookUp.since,
            credentials: account.credentials
        )
        return switch await provider.lookUp(question, before: deadline) {
        case .candidates(let ids): .candidates(ids)
        case .absent: .absent
        case .unanswered(let error): .unanswered(error)
        }
    }
}

extension MessagingAPI.LookUpFinding {
    /// For a question that was not asked, because the worker ends.
    static func stopping(_ lookUp: MessagingAPI.LookUp) -> Self {
        let error = ProviderError(code: "worker-stopping", detail: "The worker ended before the provider was asked.")
        return .init(attempt: lookUp.key, answer: .unanswered(error), checks: lookUp.checks)
    }
}

extension MessagingAPI.LookUpFinding.Answer {
    /// The answer in one word, for the log.
    fileprivate var word: String {
        switch self {
        case .candidates(let ids): "\(ids.count) candidates"
        case .absent: "absent"
        case .unanswered(let error): error.code
        }
    }
}

extension ProviderError {
    fileprivate static let withoutAccount = ProviderError(
        code: "no-account",
        detail: "The question came without its account."
    )

    fileprivate static func notAskable(_ kind: ProviderKind) -> ProviderError {
        ProviderError(
            code: "no-look-up",
            detail: "The provider `\(kind.rawValue)` can not be asked what it took."
        )
    }
}
