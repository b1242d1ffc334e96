package import Shared

extension MessagingAPI {
    /// One life of one worker: a restart is another incarnation, and ends the leases of the one before it.
    package struct WorkerIdentity: Codable, Sendable, Hashable {
        /// Stable across restarts, unique among the workers: 1 to 100 characters.
        package let name: String
        /// Greater with each start: microseconds since 1970 at that moment.
        package let incarnation: Int64

        package init(name: String, incarnation: Int64) {
            self.name = name
            self.incarnation = incarnation
        }
    }

    package struct LeaseRequest: Codable, Sendable {
        package let worker: WorkerIdentity
        /// How many messages the worker can send at once: 1 to 1,000.
        package let slots: Int
        /// How long to wait when nothing is due: at most 30,000.
        package let waitMilliseconds: Int

        package init(worker: WorkerIdentity, slots: Int, waitMilliseconds: Int) {
            self.worker = worker
            self.slots = slots
            self.waitMilliseconds = waitMilliseconds
        }
    }

    package struct LeaseAnswer: Codable, Sendable {
        package let leases: [Lease]
        /// The accounts that `leases` name, each once.
        package let accounts: [LeasedAccount]

        package init(leases: [Lease], accounts: [LeasedAccount]) {
            self.leases = leases
            self.accounts = accounts
        }
    }

    /// One attempt that this worker, and no other, makes before the lease ends.
    package struct Lease: Codable, Sendable, Equatable {
        package let orgID: OrgID
        /// The attempt's number is also the fence: a later lease of the message has a greater one.
        package let reference: AttemptReference
        package let accountID: AccountID
        package let channel: Channel
        package let to: String
        package let content: MessageContent
        /// How long the lease lasts from the moment it was asked for.
        package let leaseMilliseconds: Int

        package init(
            orgID: OrgID,
            reference: AttemptReference,
            accountID: AccountID,
            channel: Channel,
            to: String,
            content: MessageContent,
            leaseMilliseconds: Int
        ) {
            self.orgID = orgID
            self.reference = reference
            self.accountID = accountID
            self.channel = channel
            self.to = to
            self.content = content
            self.leaseMilliseconds = leaseMilliseconds
        }
    }

    package struct LeasedAccount: Codable, Sendable, Equatable {
        package let id: AccountID
        package let provider: ProviderKind
        package let credentials: Credentials

        package init(id: AccountID, provider: ProviderKind, credentials: Credentials) {
            self.id = id
            self.provider = provider
            self.credentials = credentials
        }
    }

    package struct OutcomeRequest: Codable, Sendable {
        package let worker: WorkerIdentity
        /// At most 1,000.
        package let outcomes: [AttemptOutcome]

        package init(worker: WorkerIdentity, outcomes: [AttemptOutcome]) {
            self.worker = worker
            self.outcomes = outcomes
        }
    }

    package struct AttemptOutcome: Codable, Sendable, Equatable {
        package let orgID: OrgID
        package let reference: AttemptReference
        package let outcome: SendOutcome
        /// By the worker's clock, for showing only.
        package let startedAt: Timestamp
        package let endedAt: Timestamp

        package init(
            orgID: OrgID,
            reference: AttemptReference,
            outcome: SendOutcome,
            startedAt: Timestamp,
            endedAt: Timestamp
        ) {
            self.orgID = orgID
            self.reference = reference
            self.outcome = outcome
            self.startedAt = startedAt
            self.endedAt = endedAt
        }
    }
}
