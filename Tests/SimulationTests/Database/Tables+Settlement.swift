import MessagingService
import Shared

@testable import MessagingService

/// What `SettlementStore` does: reading messages under their locks, and writing what became of them.
extension Tables {
    /// `SettlementStore.lock`.
    func lock(_ keys: [MessageKey], now: Timestamp) -> LockedMessages {
        var settlements: [MessageKey: Settlement] = [:]
        var rows: [MessageKey: QueueRow] = [:]
        var lanes: [LaneKey: Lane] = [:]
        var flows: [AccountKey: AccountFlow] = [:]
        for key in keys {
            guard let stored = self.stored(key.id.index) else { continue }
            // Of an attempt only what the statement reads.
            let attempts = self.attempts[key.id.index].map { attempt in
                var attempt = attempt
                (attempt.retryAt, attempt.steppedAside) = (nil, false)
                return attempt
            }
            settlements[key] = Settlement(stored, attempts: attempts)
            rows[key] = stored.row
            lanes[stored.laneKey] = self.lanes[stored.laneKey.index]
            flows[stored.account] = self.flows[stored.accountID.index]
        }
        return LockedMessages(
            settlements: settlements,
            queue: QueueBatch(rows: rows, lanes: lanes),
            flows: flows,
            clock: OrgClocks(databaseNow: now)
        )
    }

    func stored(_ index: Int) -> StoredMessage? {
        guard self.messages.indices.contains(index), let message = self.messages[index] else { return nil }
        let account = self.account(of: message)
        return StoredMessage(
            orgID: Names.org,
            id: Names.message(index),
            accountID: Names.account(account),
            conversationID: Names.conversation(message.conversation),
            channel: self.plan.accounts[account].channel,
            category: message.category,
            status: message.status,
            moments: message.moments,
            lastAttempt: message.lastAttempt,
            attemptCount: message.attemptCount,
            retryPolicy: message.retryPolicy,
            scheduledAt: message.scheduledAt,
            expiresAt: message.expiresAt,
            onUncertain: message.onUncertain,
            canBeAsked: self.plan.accounts[account].provider.canBeAsked,
            row: self.rows[index]
        )
    }

    /// `SettlementStore.save`.
    mutating func save(
        _ locked: LockedMessages,
        news: [AccountKey: AccountFlow.News] = [:],
        _ options: Saving
    ) {
        var locked = locked
        locked.queue.add(self.makeLanes(locked.missingLanes))
        locked.makeMoves()
        self.hear(news, of: locked, options)
        let changed = locked.changed
        guard !changed.isEmpty else { return }
        for settlement in changed {
            self.saveAttempts(of: settlement)
            self.saveMessage(settlement)
        }
        self.save(locked.queue, options)
    }

    private mutating func hear(
        _ news: [AccountKey: AccountFlow.News],
        of locked: LockedMessages,
        _ options: Saving
    ) {
        for account in news.keys.sorted() {
            guard let news = news[account], news.isTrouble || !(locked.flows[account]?.isUntroubled ?? true) else {
                continue
            }
            _ = self.flows[account.accountID.index].hear(news, now: options.now, jitter: options.jitter)
        }
    }

    private mutating func saveAttempts(of settlement: Settlement) {
        let message = settlement.stored.id.index
        for number in settlement.changedAttempts.sorted() {
            guard let new = settlement.attempts[number] else { continue }
            guard let place = self.attempts[message].firstIndex(where: { $0.number == number }) else {
                let end = self.attempts[message].firstIndex { $0.number > number } ?? self.attempts[message].count
                self.attempts[message].insert(new, at: end)
                continue
            }
            var attempt = self.attempts[message][place]
            attempt.state = new.state
            attempt.worker = new.worker ?? attempt.worker
            attempt.startedAt = new.startedAt ?? attempt.startedAt
            attempt.endedAt = new.endedAt ?? attempt.endedAt
            attempt.providerMessageID = new.providerMessageID ?? attempt.providerMessageID
            attempt.error = new.error ?? attempt.error
            attempt.failureClass = new.failureClass ?? attempt.failureClass
            attempt.retryAt = new.retryAt ?? attempt.retryAt
            attempt.steppedAside = new.steppedAside || attempt.steppedAside
            self.attempts[message][place] = attempt
        }
    }

    private mutating func saveMessage(_ settlement: Settlement) {
        let index = settlement.stored.id.index
        guard var message = self.messages[index] else { return }
        message.status = settlement.status
        message.moments = settlement.moments
        message.attemptCount = settlement.attemptCount
        message.lastAttempt = settlement.latestAttempt
        message.providerMessageID = message.providerMessageID ?? settlement.providerMessageID
        self.messages[index] = message
        if settlement.status == .failed {
            self.isDeadLetter[index] = true
        } else if settlement.stored.status == .failed {
            self.isDeadLetter[index] = false
        }
    }
}

/// What a transaction brings along beside what it writes.
struct Saving {
    let now: Timestamp
    /// In 1...1.2.
    let jitter: Double
    /// Which of those who wait becomes the head; 0 is the first.
    var promoted = 0
}
