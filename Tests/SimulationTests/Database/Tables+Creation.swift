import MessagingService
import Shared

/// What `CreationStore` does.
extension Tables {
    /// A message that somebody wants to be sent.
    struct Draft {
        /// What its sender repeats it under, and wants once.
        let key: Int
        let conversation: Int
        let category: Shared.Category
        let retryPolicy: RetryPolicy
        let scheduledAt: Timestamp?
        let expiresAt: Timestamp?
        let onUncertain: UncertainPolicy
    }

    /// Writes the messages whose key is free.
    ///
    /// - Returns: their numbers, those of the others as they were made before.
    mutating func create(_ drafts: [Draft], now: Timestamp) -> [Int] {
        drafts.map { draft in
            if let index = self.keys[draft.key] { return index }
            let index = self.messages.count
            self.keys[draft.key] = index
            self.add(draft, as: index, now: now)
            return index
        }
    }

    /// The same without a look at the keys.
    mutating func createAgain(_ drafts: [Draft], now: Timestamp) -> [Int] {
        drafts.map { draft in
            let index = self.messages.count
            self.keys[draft.key] = index
            self.add(draft, as: index, now: now)
            return index
        }
    }

    private mutating func add(_ draft: Draft, as index: Int, now: Timestamp) {
        let isDue = draft.scheduledAt.map { $0 <= now } ?? true
        let message = Message(
            conversation: draft.conversation,
            category: draft.category,
            status: isDue ? .queued : .scheduled,
            retryPolicy: draft.retryPolicy,
            scheduledAt: draft.scheduledAt,
            expiresAt: draft.expiresAt,
            onUncertain: draft.onUncertain,
            createdAt: now,
            wish: draft.key
        )
        self.messages.append(message)
        self.attempts.append([])
        self.isDeadLetter.append(false)
        self.rows.append(self.row(of: message, index, now: now))
    }

    /// `CreationStore.enterLanes`, one message after the other.
    private mutating func row(of message: Message, _ index: Int, now: Timestamp) -> QueueRow {
        let account = self.account(of: message)
        var row = QueueRow(
            key: Names.key(index),
            accountID: Names.account(account),
            channel: self.plan.accounts[account].channel,
            category: message.category,
            conversationID: Names.conversation(message.conversation),
            expiresAt: message.expiresAt,
            state: .scheduled,
            dueAt: message.scheduledAt ?? now
        )
        guard message.status == .queued else { return row }
        let key = row.laneKey
        let lane = self.lanes[key.index] ?? Lane(key: key)
        let isFirst = lane.head == nil
        self.lanes[key.index] = Lane(
            key: key,
            nextPlace: lane.nextPlace + 1,
            head: lane.head ?? row.key.id,
            waiting: lane.waiting + (isFirst ? 0 : 1),
            freeAt: lane.freeAt
        )
        (row.place, row.state) = (lane.nextPlace, isFirst ? .ready : .waiting)
        row.dueAt = max(lane.freeAt ?? .epoch, now)
        return row
    }

    /// `DeleteMessages.remove`, after the message left the queue.
    mutating func remove(_ index: Int) {
        self.messages[index] = nil
        self.rows[index] = nil
        self.attempts[index] = []
        self.isDeadLetter[index] = false
    }
}
