import Installation

/// What clients, the platform and the providers say once nothing moves any more; all that the invariants are checked on.
struct Evidence: Sendable {
    /// One message as the database has it.
    struct Message: Sendable, Equatable {
        let tenant: Int
        let status: String
        /// The error's code; empty without one.
        let reason: String
        let channel: String
        /// Failed, and shown as one that may have arrived: the end of an attempt before the last is not known.
        var isInDoubt = false

        var isSent: Bool { ["sent", "delivered", "read"].contains(self.status) }
        /// It ended without having been sent, and says why.
        var isRefused: Bool {
            ["failed", "skipped", "cancelled", "expired"].contains(self.status) && !self.reason.isEmpty
        }
    }

    /// A message that a provider took.
    struct Taken: Sendable, Equatable {
        let id: String
        let channel: String
        /// Whose account it came through; nil when it is nobody's.
        let tenant: Int?
        /// Nothing, or the sender's own reference that names no attempt.
        let unreadable: String?
    }

    var acknowledged: [ClientLedger.Acknowledgement] = []
    /// Keys that were answered in two ways.
    var changed: [String] = []
    /// Outbound messages, by id.
    var messages: [String: Message] = [:]
    /// Messages that still wait for something.
    var outbox: Set<String> = []
    /// The states of each message's attempts.
    var attempts: [String: [String]] = [:]
    /// In the order in which they were taken.
    var taken: [Taken] = []
    /// Callbacks that the provider gave up, or never tried.
    var callbacksLost = 0
    /// What customers wrote, by tenant and number, and what the platform has of it; each list sorted.
    var written: [Int: [String: [String]]] = [:]
    var received: [Int: [String: [String]]] = [:]
    var unread: [Int: Int] = [:]
    var inboxPending = 0
    var inboxFailed = 0
    /// Ids that a tenant was shown and that are another's, or nobody's.
    var shownToOthers: [String] = []
    /// Answers against the contract: 500, a refusal without `Retry-After`.
    var oddAnswers: [String] = []
    /// What processes held in the end, and of what it was too much.
    var excesses: [String] = []
    /// Processes that ended without having been killed.
    var faults: [String] = []
    /// What pg_amcheck and the audit trail's verification found.
    var damages: [String] = []
    /// How long it took until nothing moved; nil when something still does.
    var drained: Duration?
}
