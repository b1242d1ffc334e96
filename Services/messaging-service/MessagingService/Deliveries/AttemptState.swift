import Postgres
package import Shared

/// What is known of one attempt.
///
/// The knowledge of an attempt is the greatest of all that was said about it, so the order and the number of times in
/// which it is said make no difference: `folding` is commutative, associative and idempotent.
/// The raw values are the labels of the Postgres enum `attempt_state`.
package enum AttemptState: String, Sendable, CaseIterable, Codable {
    /// Bytes left, and no complete answer came back; or nobody knows whether they left.
    case uncertain
    /// Nothing left: the lease was given back.
    case unused
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
        case .uncertain, .unused, .failed: false
        }
    }

    /// A `sent` never undoes a failure, and a delivery beats one: phones report both, in any order.
    ///
    /// For email it is the other way round: `delivered` means that a server took it, and a later bounce is the truth.
    private func rank(on channel: Channel) -> Int {
        switch self {
        case .uncertain: 0
        // Said by the worker that had it, and so better than doubt; what a provider says is better still.
        case .unused: 1
        case .sent: 2
        case .failed: channel == .email ? 6 : 3
        case .delivered: 4
        case .read: 5
        }
    }
}

extension AttemptState: PostgresValue {}
