import Foundation
import Installation
import Shared
import TestClient

/// What clients were promised: each create that was acknowledged, and what they were answered instead.
final class ClientLedger: Sendable {
    let acknowledged = Collected<Acknowledgement>()
    /// Keys whose create was answered in two ways.
    let changed = Collected<String>()
    let odd = Collected<String>()
    let deferred = Collected<Int>()

    /// One create, from the moment at which it was first sent to its acknowledgement.
    struct Acknowledgement: Sendable {
        let tenant: Int
        let key: String
        let id: String
        /// The conversation, as far as the client knows it.
        let channel: String
        let recipient: String
        let firstSentAt: ContinuousClock.Instant
        let acknowledgedAt: ContinuousClock.Instant
    }
}
