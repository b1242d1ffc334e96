import Postgres
package import Shared

/// What is known of one attempt.
///
/// The knowledge of an attempt is the greatest of all that was said about it, so the order and the number of times in
/// which it is said make no difference: `folding` is commutative, associative and idempotent.
/// The raw values are the labels of the Postgres enum `attempt_state`.
package enum AttemptState: String, Sendable, CaseIterable, Codable {
    /// The lease ended without a word from the worker.
    case lost
    /// Bytes left, and no complete answer came back.
    case uncertain
    /// The provider took responsibility.
    case sent
    /// The provider refused, at once or later.
    case failed
    case delivered
    case read

    /// Folds in what was said later, or earlier.
    package func folding(_ other: AttemptState, on channel: Channel) -> AttemptState {
        self.rank(on: channel) >= other.rank(on: channel) ? self : other
    }

    /// Whether the provider took the message, and has not refused it since.
    var hasArrived: Bool {
        switch self {
        case .sent, .delivered, .read: true
        case .lost, .uncertain, .failed: false
        }
    }

    /// A `sent` never undoes a failure, and a delivery beats one: phones report both, in any order.
    ///
    /// For email it is the other way round: `delivered` means that a server took it, and a later bounce is the truth.
    private func rank(on channel: Channel) -> Int {
        switch self {
        case .lost: 0
        case .uncertain: 1
        case .sent: 2
        case .failed: channel == .email ? 6 : 3
        case .delivered: 4
        case .read: 5
        }
    }
}

extension AttemptState: PostgresValue {}
