import Postgres
package import Shared

/// Whether and how fast an account may send: its bucket, and its gate.
///
/// A value without any I/O, changed under the lock of its row, so that any number of workers and replicas together keep its
/// limits.
package struct AccountFlow: Sendable, Equatable {
    /// The labels of the Postgres enum `flow_gate`.
    package enum Gate: String, Sendable, CaseIterable {
        case open
        /// The account can not send: its provider refused it, or a person parked it. Its messages wait.
        case parked
        /// The provider is away: one message at a time tries whether it is back.
        case outage
        /// The provider is back: more and more go at once.
        case recovering
    }

    /// Who closed the gate when it was the provider's answer.
    package static let provider = "provider"

    package let account: AccountKey
    package let limits: Limits
    /// What was in the bucket at `refilledAt`.
    package internal(set) var tokens: Double
    package internal(set) var refilledAt: Timestamp
    package internal(set) var gate: Gate = .open
    package internal(set) var gateSince: Timestamp?
    package internal(set) var gateBy: String?
    package internal(set) var gateReason: String?
    /// When the next message may try; nil when only a person can open the gate.
    package internal(set) var probeAt: Timestamp?
    package internal(set) var probes = 0
    package internal(set) var failures = 0
    package internal(set) var ramp = 0.0
    package internal(set) var retryCredit = 0.0

    package init(account: AccountKey, limits: Limits, tokens: Double, refilledAt: Timestamp) {
        self.account = account
        self.limits = limits
        self.tokens = tokens
        self.refilledAt = refilledAt
    }

    /// What the account's settings say, and what is usual for its provider.
    package struct Limits: Sendable, Equatable {
        /// Messages a second; nil when there is no limit.
        package var rate: Double?
        /// Messages at once, at least 1; nil when there is no limit.
        package var burst: Double?
        package var maxInFlight: Int?
        package var rules: QueueRow.Rules
        /// Whether what WhatsApp would refuse, because the customer's window is closed, is not even tried.
        package var enforcesWindow: Bool

        package init(
            rate: Double?,
            burst: Double?,
            maxInFlight: Int?,
            rules: QueueRow.Rules,
            enforcesWindow: Bool = false
        ) {
            self.rate = rate
            self.burst = burst
            self.maxInFlight = maxInFlight
            self.rules = rules
            self.enforcesWindow = enforcesWindow
        }
    }

    /// Whether it does not differ from a flow that nothing ever happened to, as far as outcomes are concerned.
    var isUntroubled: Bool { self.gate == .open && self.failures == 0 }
}

extension AccountFlow.Gate: PostgresValue {}
