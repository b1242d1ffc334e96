package import Shared

extension MessagingAPI {
    /// A question to a provider about an attempt that may have reached it.
    package struct LookUp: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let reference: AttemptReference
        package let accountID: AccountID
        package let channel: Channel
        package let to: String
        package let content: MessageContent
        /// The provider can not have taken it earlier, by our clocks.
        package let since: Timestamp
        /// How often it was asked before without finding it: the finding names it, so that an answer that is told twice counts
        /// once.
        package let checks: Int

        package init(
            orgID: OrgID,
            reference: AttemptReference,
            accountID: AccountID,
            channel: Channel,
            to: String,
            content: MessageContent,
            since: Timestamp,
            checks: Int = 0
        ) {
            self.orgID = orgID
            self.reference = reference
            self.accountID = accountID
            self.channel = channel
            self.to = to
            self.content = content
            self.since = since
            self.checks = checks
        }
    }

    /// What a provider knows of an attempt.
    package struct LookUpFinding: Codable, Sendable, Equatable {
        package enum Answer: Codable, Sendable, Equatable {
            /// Messages that may be the attempt: same recipient and text, taken since it began; the oldest first.
            case candidates([String])
            /// The provider answered, and has none.
            case absent
            /// The provider could not be asked.
            case unanswered(ProviderError)
        }

        package let attempt: AttemptKey
        package let answer: Answer
        /// As in the question.
        package let checks: Int

        package init(attempt: AttemptKey, answer: Answer, checks: Int = 0) {
            self.attempt = attempt
            self.answer = answer
            self.checks = checks
        }
    }

    /// What a worker that was started anew knows of the life before it: sent once, before it asks for work.
    package struct RecoveryRequest: Codable, Sendable {
        package enum Journal: String, Codable, Sendable {
            /// Each attempt that may have left is in it.
            case intact
            /// Missing, damaged, or of another boot of the machine: anything may have left.
            case lost
        }

        package let worker: WorkerIdentity
        package let journal: Journal
        /// Attempts that began and whose end is not known; the ends that are known were told before.
        package let uncertain: [AttemptKey]
        /// A journal that tells of another database's work proves nothing; nil of a worker of the release before.
        package let memory: Memory?

        package init(worker: WorkerIdentity, journal: Journal, uncertain: [AttemptKey], memory: Memory? = nil) {
            self.worker = worker
            self.journal = journal
            self.uncertain = uncertain
            self.memory = memory
        }
    }

    package struct HeartbeatAnswer: Codable, Sendable {
        /// The operator wants all workers started anew: it ends as on SIGTERM, and its supervisor starts it again.
        package let restart: Bool
        /// Nil of a messaging-service of the release before, which knows no fence.
        package let standing: Standing?
        /// Credentials to be checked, beside all other work.
        package let checks: [CheckQuestion]?
        /// By the database's clock; nil of a messaging-service of the release before.
        package let now: Timestamp?

        package init(
            restart: Bool,
            standing: Standing? = nil,
            checks: [CheckQuestion]? = nil,
            now: Timestamp? = nil
        ) {
            self.restart = restart
            self.standing = standing
            self.checks = checks
            self.now = now
        }
    }
}
