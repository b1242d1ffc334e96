import FaultPoints
import InternalAPI
import Logging
import Providers
import Shared

/// Makes one attempt: from its lease to its outcome.
struct SendAttempt: Sendable {
    /// What is left of a lease after the provider's deadline, for handing over the outcome: two calls of 2 s and their pause.
    static var reportMargin: Duration { .seconds(5) }

    let providers: ProviderRegistry
    let journal: AttemptJournal
    let fetchAttachments: FetchAttachments
    /// How long a provider may take.
    let deadline: Duration
    let clock: any MonotonicClock
    let logger: Logger
    let metrics = AttemptMetrics()

    /// Whether the lease could end before an outcome is handed over.
    ///
    /// - Parameters:
    ///   - lease: this worker's.
    ///   - askedAt: a moment before the lease was asked for, which its length counts from.
    /// - Returns: true when the attempt must not be made any more.
    func isNearlyOver(_ lease: MessagingAPI.Lease, askedAt: ContinuousClock.Instant) -> Bool {
        let leaseEnd = askedAt + .milliseconds(lease.leaseMilliseconds)
        return self.clock.now + self.deadline + Self.reportMargin > leaseEnd
    }

    /// Sends, unless the lease is nearly over, its files can not be had or the attempt can not be journaled: then nothing leaves.
    ///
    /// - Parameters:
    ///   - lease: this worker's, and unused.
    ///   - account: the one that the lease names.
    ///   - askedAt: a moment before the lease was asked for, which its length counts from.
    ///   - generation: of the journal at that moment; nil when it does not matter.
    /// - Returns: its outcome, or that the lease was not used.
    func callAsFunction(
        _ lease: MessagingAPI.Lease,
        account: MessagingAPI.LeasedAccount,
        askedAt: ContinuousClock.Instant,
        generation: Int? = nil
    ) async -> LeaseEnd {
        let start = self.clock.now
        guard !self.isNearlyOver(lease, askedAt: askedAt) else {
            return self.unused(lease, because: .nearlyOver)
        }
        guard let provider = self.providers[account.provider] else {
            return self.end(lease, account, .withoutProvider(account.provider), startedAt: .now, since: start)
        }
        do {
            return try await self.fetchAttachments(of: lease) { files in
                await self.send(
                    lease,
                    files,
                    account: account,
                    by: provider,
                    askedAt: askedAt,
                    generation: generation
                )
            }
        } catch {
            return self.unused(lease, because: .attachments, error)
        }
    }

    private func send(
        _ lease: MessagingAPI.Lease,
        _ files: [AttachmentFile],
        account: MessagingAPI.LeasedAccount,
        by provider: any Provider,
        askedAt: ContinuousClock.Instant,
        generation: Int?
    ) async -> LeaseEnd {
        // To get the files, or to wait until they may be held, takes its time.
        let start = self.clock.now
        guard !self.isNearlyOver(lease, askedAt: askedAt) else {
            return self.unused(lease, because: .nearlyOver)
        }
        guard self.clock.now <= askedAt + .milliseconds(lease.freshMilliseconds) else {
            return self.unused(lease, because: .policyTooOld)
        }
        let startedAt = Timestamp.now
        do {
            try self.journal.writeIntent(lease.key, startedAt: startedAt, in: generation)
        } catch AttemptJournal.Failure.forbidden {
            return self.unused(lease, because: .fenced)
        } catch {
            self.metrics.notJournaled(.intent)
            return self.unused(lease, because: .journal, error)
        }
        FaultPoint.intentJournaled.reach()
        let message = OutboundMessage(
            orgID: lease.orgID,
            accountID: lease.accountID,
            reference: lease.reference,
            provider: account.provider,
            channel: lease.channel,
            to: lease.to,
            content: lease.content,
            attachments: files,
            unsubscribeURL: lease.unsubscribeURL,
            credentials: account.credentials
        )
        let outcome = await self.traced(lease, by: account.provider) {
            await provider.send(message, before: start + self.deadline)
        }
        self.metrics.answered(by: account.provider, after: start.duration(to: self.clock.now))
        return self.end(lease, account, outcome, startedAt: startedAt, since: start)
    }

    /// Journals the outcome before anybody is told: the next life tells it, should this one end.
    private func end(
        _ lease: MessagingAPI.Lease,
        _ account: MessagingAPI.LeasedAccount,
        _ outcome: SendOutcome,
        startedAt: Timestamp,
        since start: ContinuousClock.Instant
    ) -> LeaseEnd {
        let ended = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: startedAt,
            endedAt: .now
        )
        FaultPoint.answerRead.reach()
        do {
            try self.journal.writeOutcome(ended)
        } catch {
            self.metrics.notJournaled(.outcome)
            self.logger.error(
                "outcome not journaled: it is told from memory",
                metadata: lease.metadata.merging(["error": "\(error)"]) { $1 }
            )
        }
        FaultPoint.outcomeJournaled.reach()
        self.metrics.ended(outcome, of: lease, by: account.provider)
        // Never the address, the content or a secret. At a higher level the line costs nothing: it is made when written.
        self.logger.info("attempt ended", metadata: self.metadata(lease, account, outcome, since: start))
        return .outcome(ended)
    }

    private func unused(
        _ lease: MessagingAPI.Lease,
        because reason: NotMade,
        _ error: (any Error)? = nil
    ) -> LeaseEnd {
        self.metrics.notMade(because: reason)
        let why = error.map { "\(reason.sentence): \($0)" } ?? reason.sentence
        self.logger.warning(
            "attempt not made: its lease is given back",
            metadata: lease.metadata.merging(["reason": "\(why)"]) { $1 }
        )
        return .unused(lease.key)
    }

    private func metadata(
        _ lease: MessagingAPI.Lease,
        _ account: MessagingAPI.LeasedAccount,
        _ outcome: SendOutcome,
        since start: ContinuousClock.Instant
    ) -> Logger.Metadata {
        var metadata = lease.metadata
        metadata["provider"] = "\(account.provider.rawValue)"
        metadata["outcome"] = "\(outcome.className)"
        metadata["error.code"] = outcome.errorCode.map { "\($0)" }
        metadata["ms"] = "\(start.duration(to: self.clock.now).milliseconds)"
        return metadata
    }
}

extension SendOutcome {
    fileprivate static func withoutProvider(_ kind: ProviderKind) -> SendOutcome {
        .rejected(
            ProviderError(
                code: "no-provider",
                detail: "This worker can not send with the provider `\(kind.rawValue)`."
            )
        )
    }
}

extension MessagingAPI.Lease {
    fileprivate var metadata: Logger.Metadata {
        [
            "message.id": "\(self.reference.messageID)", "org.id": "\(self.orgID)",
            "attempt": "\(self.reference.number)",
        ]
    }
}
