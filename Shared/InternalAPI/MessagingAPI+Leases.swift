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
        /// How many more messages the worker can hold: up to 1,000.
        package let slots: Int
        /// How many one-time codes it can send when it can send nothing else: up to 1,000; of both numbers one is above 0.
        package let urgentSlots: Int
        /// How long to wait when nothing is due: at most 30,000.
        package let waitMilliseconds: Int
        /// Numbers the questions of this incarnation, from 1; one is asked at a time.
        package let call: Int
        /// The latest call whose answer arrived, 0 before the first: what later ones had leased never reached the worker, and
        /// returns to the queue at once.
        package let received: Int
        /// How many messages that were in flight when a worker crashed it may get: 0, or 1 while it has none.
        package let suspects: Int
        /// Of another database than this one nothing is leased; nil of a worker of the release before.
        package let memory: Memory?

        package init(
            worker: WorkerIdentity,
            slots: Int,
            urgentSlots: Int = 0,
            waitMilliseconds: Int,
            call: Int,
            received: Int,
            suspects: Int,
            memory: Memory? = nil
        ) {
            self.worker = worker
            self.slots = slots
            self.urgentSlots = urgentSlots
            self.waitMilliseconds = waitMilliseconds
            self.call = call
            self.received = received
            self.suspects = suspects
            self.memory = memory
        }
    }

    package struct LeaseAnswer: Codable, Sendable {
        package let leases: [Lease]
        /// Uncertain attempts of which the provider is to be asked.
        package let lookUps: [LookUp]
        /// The accounts that `leases` and `lookUps` name, each once.
        package let accounts: [LeasedAccount]

        package init(leases: [Lease], lookUps: [LookUp], accounts: [LeasedAccount]) {
            self.leases = leases
            self.lookUps = lookUps
            self.accounts = accounts
        }

        package static let nothing = LeaseAnswer(leases: [], lookUps: [], accounts: [])
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
        /// Of marketing by email: where one click ends it.
        package let unsubscribeURL: String?
        /// How long the lease lasts from the moment it was asked for.
        package let leaseMilliseconds: Int
        /// How long what was decided about its recipient is worth, from the same moment: later it must be decided anew.
        package let freshMilliseconds: Int
        /// A one-time code: it begins before others that wait in the worker; nil of a messaging-service of the release before.
        package let isUrgent: Bool?
        /// It was in flight when a worker crashed: one such message at a time, so that the one at fault is found.
        package let isSuspect: Bool
        /// The trace that the message belongs to.
        package let traceParent: String?

        package init(
            orgID: OrgID,
            reference: AttemptReference,
            accountID: AccountID,
            channel: Channel,
            to: String,
            content: MessageContent,
            unsubscribeURL: String? = nil,
            leaseMilliseconds: Int,
            freshMilliseconds: Int,
            isUrgent: Bool? = nil,
            isSuspect: Bool = false,
            traceParent: String? = nil
        ) {
            self.orgID = orgID
            self.reference = reference
            self.accountID = accountID
            self.channel = channel
            self.to = to
            self.content = content
            self.unsubscribeURL = unsubscribeURL
            self.leaseMilliseconds = leaseMilliseconds
            self.freshMilliseconds = freshMilliseconds
            self.isUrgent = isUrgent
            self.isSuspect = isSuspect
            self.traceParent = traceParent
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
        /// At most 1,000 with `unused` and `findings`.
        package let outcomes: [AttemptOutcome]
        /// Leases of which nothing left, given back.
        package let unused: [AttemptKey]
        package let findings: [LookUpFinding]

        package init(
            worker: WorkerIdentity,
            outcomes: [AttemptOutcome],
            unused: [AttemptKey] = [],
            findings: [LookUpFinding] = []
        ) {
            self.worker = worker
            self.outcomes = outcomes
            self.unused = unused
            self.findings = findings
        }
    }

    /// Names one attempt of one organization.
    package struct AttemptKey: Codable, Sendable, Hashable {
        package let orgID: OrgID
        package let reference: AttemptReference

        package init(orgID: OrgID, reference: AttemptReference) {
            self.orgID = orgID
            self.reference = reference
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
