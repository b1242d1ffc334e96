import InternalAPI
import Logging
import Providers
import Shared

/// Makes one attempt: from its lease to its outcome.
struct SendAttempt: Sendable {
    /// What is left of a lease after the provider's deadline, for handing over the outcome: two calls of 2 s and their pause.
    static var reportMargin: Duration { .seconds(5) }

    let providers: ProviderRegistry
    /// How long a provider may take.
    let deadline: Duration
    let clock: any MonotonicClock
    let logger: Logger

    /// Sends, unless the lease could end before the outcome is handed over.
    ///
    /// - Parameters:
    ///   - lease: this worker's, and unused.
    ///   - account: the one that the lease names; nil when the answer lacked it.
    ///   - askedAt: a moment before the lease was asked for, which its length counts from.
    /// - Returns: nil when nothing was tried; the lease ends by itself, and another worker gets the message.
    func callAsFunction(
        _ lease: MessagingAPI.Lease,
        account: MessagingAPI.LeasedAccount?,
        askedAt: ContinuousClock.Instant
    ) async -> MessagingAPI.AttemptOutcome? {
        let start = self.clock.now
        let leaseEnd = askedAt + .milliseconds(lease.leaseMilliseconds)
        guard start + self.deadline + Self.reportMargin <= leaseEnd else {
            self.logger.warning(
                "attempt not made: its lease is nearly over",
                metadata: self.metadata(of: lease).merging(
                    ["lease.left.ms": "\(start.duration(to: leaseEnd).milliseconds)"]
                ) { $1 }
            )
            return nil
        }
        let startedAt = Timestamp.now
        let outcome = await self.send(lease, account: account, before: start + self.deadline)
        // Never the address, the content or a secret. At a higher level the line costs nothing: it is made when written.
        self.logger.info(
            "attempt ended",
            metadata: self.metadata(of: lease, account: account, outcome: outcome, since: start)
        )
        return .init(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: startedAt,
            endedAt: .now
        )
    }

    private func send(
        _ lease: MessagingAPI.Lease,
        account: MessagingAPI.LeasedAccount?,
        before deadline: ContinuousClock.Instant
    ) async -> SendOutcome {
        guard let account else {
            return .failedTransiently(
                ProviderError(code: "no-account", detail: "The lease came without its account."),
                retryAfter: nil
            )
        }
        guard let provider = self.providers[account.provider] else {
            return .rejected(
                ProviderError(
                    code: "no-provider",
                    detail: "This worker can not send with the provider `\(account.provider.rawValue)`."
                )
            )
        }
        let message = OutboundMessage(
            orgID: lease.orgID,
            accountID: lease.accountID,
            reference: lease.reference,
            provider: account.provider,
            channel: lease.channel,
            to: lease.to,
            content: lease.content,
            credentials: account.credentials
        )
        return await provider.send(message, before: deadline)
    }

    private func metadata(
        of lease: MessagingAPI.Lease,
        account: MessagingAPI.LeasedAccount?,
        outcome: SendOutcome,
        since start: ContinuousClock.Instant
    ) -> Logger.Metadata {
        var metadata = self.metadata(of: lease)
        metadata["provider"] = account.map { "\($0.provider.rawValue)" }
        metadata["outcome"] = "\(outcome.className)"
        metadata["error.code"] = outcome.errorCode.map { "\($0)" }
        metadata["ms"] = "\(start.duration(to: self.clock.now).milliseconds)"
        return metadata
    }

    private func metadata(of lease: MessagingAPI.Lease) -> Logger.Metadata {
        [
            "message.id": "\(lease.reference.messageID)", "org.id": "\(lease.orgID)",
            "attempt": "\(lease.reference.number)",
        ]
    }
}
