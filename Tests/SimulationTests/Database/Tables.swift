import InternalAPI
import MessagingService
import Shared

/// What the database holds: each table in the least form that its statements need.
struct Tables {
    /// A row of `messages`.
    struct Message: Equatable {
        var conversation: Int
        var category: Shared.Category
        var status: MessageStatus
        var moments = Moments()
        var lastAttempt = 0
        var attemptCount = 0
        let retryPolicy: RetryPolicy
        var scheduledAt: Timestamp?
        var expiresAt: Timestamp?
        let onUncertain: UncertainPolicy
        var providerMessageID: String?
        let createdAt: Timestamp
        /// The wish that it was made for.
        let wish: Int
    }

    /// A row of `workers`.
    struct Worker {
        var incarnation: Int64
        var beatAt: Timestamp
        var lastCall: Int
    }

    let plan: Plan
    /// By number; nil after it was deleted.
    var messages: [Message?]
    /// The outbox; nil when the message is not in it.
    var rows: [QueueRow?]
    /// Of each message, by number.
    var attempts: [[Settlement.Attempt]]
    var isDeadLetter: [Bool]
    var lanes: [Lane?]
    var flows: [AccountFlow]
    var workers: [Worker?]
    /// What stored reports came to, by their keys.
    var reports: [String: MessagingAPI.ReportEffect] = [:]
    /// The message that was made under an idempotency key.
    var keys: [Int: Int] = [:]
    var isPaused = false

    init(plan: Plan, now: Timestamp) {
        self.plan = plan
        self.messages = []
        self.rows = []
        self.attempts = []
        self.isDeadLetter = []
        self.lanes = Array(repeating: nil, count: plan.conversations.count * 2)
        self.flows = plan.accounts.enumerated().map { index, account in
            AccountFlow(
                account: Names.account(key: index),
                limits: account.limits,
                tokens: account.limits.burst ?? 1,
                refilledAt: now
            )
        }
        self.workers = Array(repeating: nil, count: plan.workers)
    }

    func account(of message: Message) -> Int { self.plan.conversations[message.conversation] }

    /// Whether nothing waits for time or for a worker; what waits for a person is done.
    var isDone: Bool { self.rows.allSatisfy { $0.map { $0.state == .held } ?? true } }

    /// What is still open, for a sentence about it.
    var open: String {
        self.rows.compactMap { row in
            row.map { row in
                let due = (row.dueAt - World.start).milliseconds
                return "\(row.key.id.index).\(row.epoch) is \(row.state), \(row.crashes) crashes, due at \(due) ms"
            }
        }.joined(separator: ", ")
    }
}

extension Tables.Message {
    var isTerminal: Bool {
        switch self.status {
        case .scheduled, .queued, .sending, .uncertain: false
        case .sent, .delivered, .read, .failed, .skipped, .cancelled, .expired: true
        }
    }
}
