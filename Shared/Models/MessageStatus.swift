/// Where a message stands.
///
///     scheduled ─▶ queued ◀─▶ sending ─▶ sent ─▶ delivered ─▶ read
///                    │  ▲        │ ▲       │
///                    │  └────────┤ │       ▼
///                    ▼           ▼ │     failed
///      skipped, cancelled,    uncertain
///      expired, failed
///
/// Which event moves it where is `MessageTransition` in messaging-service.
/// The raw values are those of the public API and of the Postgres enum `message_status`.
package enum MessageStatus: String, Sendable, CaseIterable, Codable, Hashable {
    /// Waits for the time its sender chose.
    case scheduled
    /// Waits for a worker: for the first time, or for its next attempt.
    case queued
    /// A worker holds it.
    case sending
    /// Bytes left for the provider, and no complete answer came back.
    case uncertain
    /// The provider took responsibility.
    case sent
    /// The provider says that it reached the recipient.
    case delivered
    /// The recipient opened it.
    case read
    /// Refused for good, or out of attempts.
    case failed
    /// A policy forbade it.
    case skipped
    /// Its sender withdrew it.
    case cancelled
    /// Its `expires_at` passed first.
    case expired
}
