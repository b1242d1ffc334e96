package import InternalAPI
import Postgres
package import Shared

/// Where an unfinished message stands; the labels of the Postgres enum `queue_state`.
///
///     scheduled ─▶ waiting ─▶ ready ◀─▶ leased ◀─▶ uncertain ─▶ held
///         ▲  └──────────────▶  │  ▲                    │          │
///         └────────────────────┘  └────────────────────┴──────────┘
package enum QueueState: String, Sendable, CaseIterable {
    /// Waits for a time, without a place in its lane: it was planned for later, or waits longer for its next attempt than
    /// those behind it should. `PlaceDueMessages` gives it a place.
    case scheduled
    /// Has a place, behind the head of its lane.
    case waiting
    /// The head: claimable from `dueAt` on.
    case ready
    /// The head: a worker has it.
    case leased
    /// The head: it may have left, and evidence is waited for until `holdUntil`.
    case uncertain
    /// May have left, and a person decides; its lane goes on without it.
    case held

    /// Whether it is the head of its lane, of which there is one at most.
    package var isHead: Bool {
        switch self {
        case .ready, .leased, .uncertain: true
        case .scheduled, .waiting, .held: false
        }
    }

    /// Whether a message in it has a place in its lane.
    package var hasPlace: Bool { self == .waiting || self.isHead }
}

extension QueueState: PostgresValue {}

/// An unfinished message in the outbox.
package struct QueueRow: Sendable, Equatable {
    /// Who has it, and since when.
    package struct Lease: Sendable, Equatable {
        package let worker: MessagingAPI.WorkerIdentity
        /// The worker's question that brought it.
        package let call: Int
        package let leasedAt: Timestamp
        package let leaseUntil: Timestamp

        package init(
            worker: MessagingAPI.WorkerIdentity,
            call: Int,
            leasedAt: Timestamp,
            leaseUntil: Timestamp
        ) {
            self.worker = worker
            self.call = call
            self.leasedAt = leasedAt
            self.leaseUntil = leaseUntil
        }
    }

    package let key: MessageKey
    package let accountID: AccountID
    package let channel: Channel
    package let category: Shared.Category
    package let conversationID: ConversationID
    package var expiresAt: Timestamp?
    package var state: QueueState
    package var place: Int?
    package var dueAt: Timestamp
    package var holdUntil: Timestamp?
    package var checks = 0
    package var failingSince: Timestamp?
    /// What counts against it since a worker last told how an attempt ended; with `mostCrashes` it is not sent again.
    package var crashes = 0
    /// The worker that ended without a word while it held the message: its journal may come back, and knows more.
    package var heldBy: MessagingAPI.WorkerIdentity?
    /// The number of the latest attempt: each lease makes a new one, which fences the ones before it.
    package var epoch = 0
    package var lease: Lease?

    package init(
        key: MessageKey,
        accountID: AccountID,
        channel: Channel,
        category: Shared.Category,
        conversationID: ConversationID,
        expiresAt: Timestamp?,
        state: QueueState,
        place: Int? = nil,
        dueAt: Timestamp
    ) {
        self.key = key
        self.accountID = accountID
        self.channel = channel
        self.category = category
        self.conversationID = conversationID
        self.expiresAt = expiresAt
        self.state = state
        self.place = place
        self.dueAt = dueAt
    }

    package var laneKey: LaneKey {
        LaneKey(orgID: self.key.orgID, conversationID: self.conversationID, urgency: Urgency(self.category))
    }

    package var account: AccountKey { AccountKey(orgID: self.key.orgID, accountID: self.accountID) }
}
