import Postgres
import Shared

/// Where a broadcast stands; the labels of the Postgres enum `broadcast_state`.
///
///     scheduled ─▶ running ─▶ done ─▶ running (what failed is retried)
///         │  ▲      │  ▲
///         ▼  │      ▼  │
///         paused ◀──┘  │           each but `done` ─▶ cancelled
///            └─────────┘
package enum BroadcastState: String, Sendable, CaseIterable {
    /// Waits for its time; nobody has been asked for yet.
    case scheduled
    /// Its messages are made, and on their way.
    case running
    /// None is made, and none leaves that a worker did not have already.
    case paused
    /// What had not left does not leave any more.
    case cancelled
    /// Each of its messages has come to an end.
    case done
}

extension BroadcastState: PostgresValue {}
